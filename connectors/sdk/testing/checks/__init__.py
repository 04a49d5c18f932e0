"""The checks of the contract: what each of its tests does, free of any test framework."""
