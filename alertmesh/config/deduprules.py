"""The sections of `rules/dedup`, one for each rule. A setting not given keeps the rule's default."""
