//! Expressions that have been checked: their types, and their values in a run.

mod context;
mod ir;

pub use context::Context;
pub use ir::{Builtin, Env, Expr, Found, Kind, Part, Scope, Slot, Template};
