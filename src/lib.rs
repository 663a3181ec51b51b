//! A declarative workflow engine for trading pipelines.
//!
//! Text becomes a tree, the tree a checked workflow, the workflow a plan, the plan a run. Each stage is a type that only
//! its stage can make, so what is unchecked cannot run.

pub mod check;
pub mod cli;
pub mod engine;
pub mod expr;
pub mod lsp;
pub mod market;
pub mod plan;
pub mod slice;
pub mod slices;
pub mod source;
pub mod strategy;
pub mod syntax;
pub mod value;
