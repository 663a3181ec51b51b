//! The parser that pest makes from `grammar/wf.pest`.

#![allow(clippy::pedantic, missing_docs, reason = "generated")]

#[derive(pest_derive::Parser)]
#[grammar = "grammar/wf.pest"]
pub(super) struct Grammar;
