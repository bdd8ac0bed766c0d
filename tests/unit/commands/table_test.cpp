#include "scenarios/commands/table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scenarios::commands {
namespace {

TEST(Table, PodsOfTheFluxSeedAreAligned) {
  Table table({"NAME", "READY", "STATUS", "RESTARTS", "AGE"});
  table.add_row({"flux-sample-0-xkzjr", "1/1", "Running", "0", "31s"});
  table.add_row({"flux-sample-3-9p2qv", "0/1", "Init:0/1", "0", "4s"});
  EXPECT_EQ(table.to_text(),
            "NAME                  READY   STATUS     RESTARTS   AGE\n"
            "flux-sample-0-xkzjr   1/1     Running    0          31s\n"
            "flux-sample-3-9p2qv   0/1     Init:0/1   0          4s\n");
}

TEST(Table, LastColumnHasNoPadding) {
  Table table({"NAME", "AGE"});
  table.add_row({"a", "1s"});
  table.add_row({"b", "10m"});
  EXPECT_EQ(table.to_text(), "NAME   AGE\na      1s\nb      10m\n");
}

TEST(Table, ColumnIsAtLeastSixCharactersWide) {
  Table table({"IP", "NODE"});
  table.add_row({"x", "worker"});
  EXPECT_EQ(table.to_text(), "IP    NODE\nx     worker\n");
}

TEST(Table, WithoutHeadersOnlyCellsCountForTheWidth) {
  Table table({"A VERY LONG HEADER", "AGE"});
  table.add_row({"pod", "1s"});
  EXPECT_EQ(table.to_text(false), "pod   1s\n");
}

TEST(Table, WithoutRowsThereIsNoHeaderEither) {
  EXPECT_EQ(Table({"NAME", "AGE"}).to_text(), "");
  EXPECT_TRUE(Table({"NAME"}).empty());
}

TEST(Table, EmptyCellKeepsItsColumn) {
  Table table({"NAME", "VOLUME", "AGE"});
  table.add_row({"data-x-0", "", "1s"});
  EXPECT_EQ(table.to_text(), "NAME       VOLUME   AGE\ndata-x-0            1s\n");
}

TEST(Table, CellEndsAtItsFirstLineBreak) {
  Table table({"NAME", "REASON"});
  table.add_row({"a\nb", "\x1b[31mred"});
  EXPECT_EQ(table.to_text(), "NAME   REASON\na...   ^[[31mred\n");
}

TEST(Table, WidthCountsCharactersNotBytes) {
  Table table({"NAME", "AGE"});
  table.add_row({"\u00e9\u00e9\u00e9\u00e9\u00e9", "1s"});
  EXPECT_EQ(table.to_text(), "NAME    AGE\n\u00e9\u00e9\u00e9\u00e9\u00e9   1s\n");
}

TEST(WatchedTable, ColumnsOnlyWidenAndTheHeaderComesOnce) {
  WatchedTable table({"NAME", "STATUS", "AGE"});
  EXPECT_EQ(table.add_rows({}), "");
  EXPECT_EQ(table.add_rows({{"a", "Pending", "0s"}}), "NAME   STATUS    AGE\na      Pending   0s\n");
  EXPECT_EQ(table.add_rows({{"a", "ContainerCreating", "1s"}}), "a      ContainerCreating   1s\n");
  EXPECT_EQ(table.add_rows({{"a", "Running", "2s"}}), "a      Running             2s\n");
}

TEST(WatchedTable, HeaderMayBeLeftOut) {
  WatchedTable table({"NAME", "AGE"}, false);
  EXPECT_EQ(table.add_rows({{"a", "0s"}}), "a     0s\n");
}

}  // namespace
}  // namespace scenarios::commands
