//! Texts that nobody would write, and what must hold for them.

pub mod laws;
pub mod mutate;
