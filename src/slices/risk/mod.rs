//! What the limits allow.

mod targets;

use crate::slice::{Role, Slice};

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new("risk", "Holds what is to be traded against the limits of the workflow")
        .compute("check_targets", targets::check_targets)
        .role(Role::Guards)
}
