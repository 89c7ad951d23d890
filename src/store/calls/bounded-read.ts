/**
 * Of statements that people wait for: what takes longer than five seconds ends with StoreError code
 * 159, never with a part of the rows. FINAL merges within a partition alone: all rows of a call are
 * in one.
 */
export const BOUNDED_READ = {
  max_execution_time: 5,
  do_not_merge_across_partitions_select_final: 1,
} as const
