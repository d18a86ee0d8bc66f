"""Beta-binomial models: risks that vary between studies as a beta distribution does."""
