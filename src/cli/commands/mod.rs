//! The commands, one file each.

pub mod audit;
pub mod check;
pub mod completions;
pub mod convert;
pub mod data;
pub mod demo;
pub mod diff;
pub mod explain;
pub mod fmt;
pub mod graph;
pub mod lsp;
pub mod new;
pub mod plan;
pub mod run;
pub mod schema;
pub mod slices;
pub mod test;
