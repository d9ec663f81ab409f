package plan

// Implies is implies, for the tests that hold it against the engine.
var Implies = implies
