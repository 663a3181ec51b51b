//! A file that a call names is looked at before the run, where the method can.

use crate::{
    check::facts::CallFacts,
    source::{Code, Diagnostic},
};

pub(super) fn check(call: &CallFacts<'_, '_, '_>) -> Option<Diagnostic> {
    let (input, look) = call.call.method.fits?;
    let unfit = look(call.of(input)?.value()?).err()?;
    Some(Diagnostic::new(Code::N012, call.span(input), unfit.message).note(unfit.note))
}
