//! From tree to checked workflow: names, wiring, types, units, graph, safety.

#[doc(hidden)]
pub mod testing;
mod workflow;

pub use workflow::{
    Arm, Backoff, Batch, Body, Call, Filled, For, Input, Match, Node, On, Output, Param, Retry, SlotInfo, SubWorkflow,
    Work, Workflow,
};
