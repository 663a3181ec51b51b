//! What is wrong is said once, at its place, in plain words.
