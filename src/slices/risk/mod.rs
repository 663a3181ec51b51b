//! What the limits allow.

mod share;
mod sizing;
mod targets;

pub(super) use share::share;

use crate::slice::{Role, Slice};

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new("risk", "Holds what is to be traded against the limits of the workflow")
        .compute("check", sizing::check)
        .role(Role::Guards)
        .compute("check_targets", targets::check_targets)
        .role(Role::Guards)
}
