"""Individual patients and case series: exact tests, single cases, repeated measures, pooling."""
