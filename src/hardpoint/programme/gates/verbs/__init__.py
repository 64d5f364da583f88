"""`hardpoint gate …` and `hardpoint waiver …`: verdicts, what they rest on, and who agrees."""
