#pragma once
// The filters, a file each: how the words of one become what it does. Without problems each gives a filter.

#include "scenarios/runbook/filter_words.h"

namespace scenarios::runbook {

FilterPointer compile_awk(FilterWords& words);
FilterPointer compile_cat(FilterWords& words);
FilterPointer compile_cut(FilterWords& words);
/// `extended`: as with -E.
FilterPointer compile_grep(FilterWords& words, bool extended);
/// `from_end`: tail.
FilterPointer compile_head_or_tail(FilterWords& words, bool from_end);
FilterPointer compile_sort(FilterWords& words);
FilterPointer compile_tac(FilterWords& words);
FilterPointer compile_uniq(FilterWords& words);
FilterPointer compile_wc(FilterWords& words);

}  // namespace scenarios::runbook
