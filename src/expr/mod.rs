//! Expressions that have been checked: their types, and their values in a run.

mod apply;
mod builtins;
mod call;
mod canonical;
mod context;
mod eval;
mod fit;
mod folds;
mod ir;
mod lower;
mod name;
mod ops;
mod suggest;
mod types;
mod within;
mod words;

pub(crate) use apply::compare;
pub use builtins::{BUILTINS, axis};
pub(crate) use call::not_in_expression;
pub use canonical::canonical;
pub use context::Context;
pub use eval::{NoEnv, eval};
pub use folds::folds;
pub use ir::{Builtin, Callee, Env, Expr, Fact, Found, Kind, Part, Scope, Slot, Template};
pub use lower::{check_binary, lower, present_unless, present_when};
pub(crate) use name::dotted;
pub use ops::{Clash, binary as type_of_binary, is_number, is_textual, is_unit};
pub use suggest::nearest;
pub use types::{BASIC, Types, resolve_type};
pub use within::{check_within, nearest_within};
pub use words::{in_words, in_words_plain};
