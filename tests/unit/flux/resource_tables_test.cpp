// The exact text of `flux resource`, from views made by hand.

#include "models/flux/resource_tables.h"

#include <gtest/gtest.h>

#include <chrono>

namespace models::flux {
namespace {

using namespace std::chrono_literals;

/// Ten ranks of ten cores, of which those in `online` are.
ResourceView view_of(int size, const std::vector<int>& online, const std::string& name = "flux-sample") {
  ResourceView view(static_cast<std::size_t>(size));
  for (int rank = 0; rank < size; ++rank) {
    RankView& one = view[static_cast<std::size_t>(rank)];
    one.host = name + '-' + std::to_string(rank);
    one.cores = 10;
  }
  for (const int rank : online) {
    view[static_cast<std::size_t>(rank)].online = true;
  }
  return view;
}

const std::vector<ListState> kDefaultStates{ListState::Free, ListState::Allocated, ListState::Down};

std::string list_of(const ResourceView& view, std::int32_t flux_minor = 58) {
  TableLayout layout;
  layout.flux_minor = flux_minor;
  return list_table(view, list_rows(view, kDefaultStates), layout);
}

std::string status_of(const ResourceView& view, const StatusQuery& query = {}) {
  TableLayout layout;
  layout.flux_minor = query.flux_minor;
  return status_table(view, status_rows(view, query).rows, layout);
}

TEST(FluxCases, FX_01_initial_table_with_a_trailing_space_on_the_empty_row) {
  EXPECT_EQ(list_of(view_of(10, {0, 1, 2, 3})),
            "     STATE NNODES   NCORES    NGPUS NODELIST\n"
            "      free      4       40        0 flux-sample-[0-3]\n"
            " allocated      0        0        0 \n"
            "      down      6       60        0 flux-sample-[4-9]\n");
}

TEST(FluxCases, FX_15_hostlists_of_the_rows) {
  EXPECT_EQ(list_of(view_of(10, {0, 1, 3, 4, 5})),
            "     STATE NNODES   NCORES    NGPUS NODELIST\n"
            "      free      5       50        0 flux-sample-[0-1,3-5]\n"
            " allocated      0        0        0 \n"
            "      down      5       50        0 flux-sample-[2,6-9]\n");
  EXPECT_EQ(hostlist_of(view_of(10, {}), {7}), "flux-sample-7");
  EXPECT_EQ(hostlist_of(view_of(10, {}), {}), "");
}

TEST(FluxCases, FX_19_columns_are_narrow_from_0_67_on) {
  EXPECT_EQ(list_of(view_of(10, {0, 1, 2, 3}), 67),
            "     STATE NNODES NCORES NGPUS NODELIST\n"
            "      free      4     40     0 flux-sample-[0-3]\n"
            " allocated      0      0     0 \n"
            "      down      6     60     0 flux-sample-[4-9]\n");
}

TEST(ListTable, the_narrow_columns_grow_with_their_content) {
  ResourceView view = view_of(2, {0, 1});
  view[0].cores = view[1].cores = 1'000'000;
  view[0].gpus = view[1].gpus = 100'000;
  EXPECT_EQ(list_of(view, 70),
            "     STATE NNODES  NCORES  NGPUS NODELIST\n"
            "      free      2 2000000 200000 flux-sample-[0-1]\n"
            " allocated      0       0      0 \n"
            "      down      0       0      0 \n");
}

TEST(ListTable, excluded_ranks_are_in_no_row) {
  ResourceView view = view_of(4, {0, 1, 2});
  view[2].excluded = true;
  view[3].excluded = true;
  const std::vector<ListRow> rows = list_rows(view, {ListState::All, ListState::Up, ListState::Down});
  EXPECT_EQ(rows[0].ranks, (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(rows[1].ranks, (std::vector<std::int32_t>{0, 1}));
  EXPECT_TRUE(rows[2].ranks.empty());
  EXPECT_EQ(info_lines({rows[0]}), "2 Nodes, 20 Cores, 0 GPUs\n");
}

TEST(ListTable, without_a_header) {
  const ResourceView view = view_of(1, {0});
  TableLayout layout;
  layout.header = false;
  EXPECT_EQ(list_table(view, list_rows(view, {ListState::Free}), layout),
            "      free      1       10        0 flux-sample-0\n");
}

TEST(StatusTable, online_rows_come_first_and_offline_ones_have_a_star) {
  ResourceView view = view_of(10, {0, 1, 2, 3});
  view[2].drained = true;
  EXPECT_EQ(status_of(view),
            "     STATE UP NNODES NODELIST\n"
            "     avail  \xe2\x9c\x94      3 flux-sample-[0-1,3]\n"
            "    avail*  \xe2\x9c\x97      6 flux-sample-[4-9]\n"
            "   drained  \xe2\x9c\x94      1 flux-sample-2\n");
}

TEST(StatusTable, is_wider_from_0_67_on_and_ascii_where_asked) {
  const ResourceView view = view_of(3, {0, 1});
  TableLayout layout;
  layout.flux_minor = 67;
  layout.ascii = true;
  EXPECT_EQ(status_table(view, status_rows(view, {{}, false, 67}).rows, layout),
            "       STATE UP NNODES NODELIST\n"
            "       avail  y      2 flux-sample-[0-1]\n"
            "      avail*  n      1 flux-sample-2\n");
}

TEST(StatusTable, draining_ranks_have_jobs_and_torpid_ones_a_row_from_0_65_on) {
  ResourceView view = view_of(4, {0, 1, 2, 3});
  view[1].drained = true;
  view[1].allocated_cores = 10;
  view[2].torpid = true;
  EXPECT_EQ(status_of(view, {{}, false, 65}),
            "     STATE UP NNODES NODELIST\n"
            "     avail  \xe2\x9c\x94      2 flux-sample-[0,3]\n"
            "    torpid  \xe2\x9c\x94      1 flux-sample-2\n"
            "  draining  \xe2\x9c\x94      1 flux-sample-1\n");
  EXPECT_EQ(status_of(view, {{}, false, 64}),
            "     STATE UP NNODES NODELIST\n"
            "     avail  \xe2\x9c\x94      3 flux-sample-[0,2-3]\n"
            "  draining  \xe2\x9c\x94      1 flux-sample-1\n");
}

TEST(StatusTable, a_torpid_rank_that_is_drained_is_shown_once) {
  ResourceView view = view_of(2, {0, 1});
  view[1].torpid = true;
  view[1].drained = true;
  EXPECT_EQ(status_of(view, {{}, false, 66}),
            "     STATE UP NNODES NODELIST\n"
            "     avail  \xe2\x9c\x94      1 flux-sample-0\n"
            "   drained  \xe2\x9c\x94      1 flux-sample-1\n");
}

TEST(StatusTable, empty_rows_show_only_when_states_are_asked_for) {
  const ResourceView view = view_of(2, {0, 1});
  EXPECT_EQ(status_of(view, {{"avail", "drained"}, false, 58}),
            "     STATE UP NNODES NODELIST\n"
            "     avail  \xe2\x9c\x94      2 flux-sample-[0-1]\n"
            "   drained  \xe2\x9c\x94      0 \n");
  EXPECT_EQ(status_of(view, {{"offline"}, false, 58}),
            "     STATE UP NNODES NODELIST\n"
            "    avail*  \xe2\x9c\x97      0 \n"
            "  exclude*  \xe2\x9c\x97      0 \n");
}

TEST(StatusTable, an_unknown_state_is_named_with_the_valid_ones) {
  const StatusRows rows = status_rows(view_of(1, {0}), {{"avail", "torpid"}, false, 64});
  EXPECT_EQ(rows.unknown_state, "torpid");
  EXPECT_EQ(rows.valid_states.back(), "drained");
}

TEST(StatusTable, the_long_format_has_the_reasons) {
  ResourceView view = view_of(3, {0, 1, 2});
  view[1].drained = view[2].drained = true;
  view[1].reason = "a disk";
  view[2].reason = "a reason that is longer than the column";
  TableLayout layout;
  EXPECT_EQ(status_table_long(view, status_rows(view, {}).rows, layout),
            "     STATE UP NNODES REASON                         NODELIST\n"
            "     avail  \xe2\x9c\x94      1                                flux-sample-0\n"
            "   drained  \xe2\x9c\x94      1 a disk                         flux-sample-1\n"
            "   drained  \xe2\x9c\x94      1 a reason that is longer than + flux-sample-2\n");
}

TEST(DrainTable, prints_time_state_reason_and_nodes) {
  ResourceView view = view_of(10, {0, 1, 2, 3});
  view[2].drained = true;
  view[2].reason = "I am a bad person";
  TableLayout layout;
  layout.epoch_seconds_at_start = 1704829860;  // 2024-01-09 19:51 UTC
  EXPECT_EQ(drain_table(view, status_rows(view, {{"drain"}, true, 58}).rows, layout),
            "TIME         STATE    REASON                         NODELIST\n"
            "Jan09 19:51  drained  I am a bad person              flux-sample-2\n");
}

TEST(DrainTable, joins_ranks_that_look_alike_and_cuts_what_is_too_long) {
  ResourceView view = view_of(5, {0, 1, 2});
  for (const std::size_t rank : {1U, 3U, 4U}) {
    view[rank].drained = true;
    view[rank].reason = "thirty characters are the limit";
  }
  view[2].drained = true;
  view[2].allocated_cores = 1;
  view[2].reason = "ß";
  view[4].drained_at = 59s;
  view[3].allocated_cores = 1;  // offline and draining: the state loses its star
  EXPECT_EQ(drain_table(view, status_rows(view, {{"drain"}, true, 58}).rows, TableLayout{}),
            "TIME         STATE    REASON                         NODELIST\n"
            "Jan01 00:00  draining ß                              flux-sample-2\n"
            "Jan01 00:00  draining thirty characters are the lim+ flux-sample-3\n"
            "Jan01 00:00  drained  thirty characters are the lim+ flux-sample-1\n"
            "Jan01 00:00  drained* thirty characters are the lim+ flux-sample-4\n");
  view[4].online = true;
  EXPECT_NE(drain_table(view, status_rows(view, {{"drain"}, true, 58}).rows, TableLayout{})
                .find("drained  thirty characters are the lim+ flux-sample-[1,4]\n"),
            std::string::npos);
}

TEST(DrainTime, rounds_to_seconds_and_knows_leap_years) {
  EXPECT_EQ(drain_time(0s, 1709164800), "Feb29 00:00");
  EXPECT_EQ(drain_time(59500ms, 0), "Jan01 00:01");
}

}  // namespace
}  // namespace models::flux
