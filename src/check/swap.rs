//! Two arguments of one call that stand in each other's place: one mistake, so one message.

use super::{walk::Walk, wire::Port};
use crate::{
    source::{Code, Diagnostic, Edit, Fix},
    syntax::ast::{Arg, ArgKind, Expr, Name},
};

impl Walk<'_, '_> {
    /// Joins what was reported since `from` about two arguments of a call that would both be right the other way round.
    pub fn join_swapped(&mut self, args: &[Arg], ports: &[Port], from: usize) {
        let mismatched: Vec<_> = args
            .iter()
            .filter_map(|arg| match &arg.kind {
                ArgKind::Named(name, value) => Some((name, value, ports.iter().find(|it| it.name == name.text)?)),
                _ => None,
            })
            .filter(|(_, value, _)| self.out.iter().skip(from).any(|it| is_mismatch(it, value)))
            .collect();
        let [(first, one, one_port), (second, other, other_port)] = mismatched[..] else { return };
        if !self.is_right(one, other_port) || !self.is_right(other, one_port) {
            return;
        }
        let said: Vec<_> = self.out.drain(from..).collect();
        self.out.extend(said.into_iter().filter(|it| !is_mismatch(it, one) && !is_mismatch(it, other)));
        let found = swapped(first, one, second, other, self);
        self.report(found);
    }

    /// Says whether an argument would be right for another input.
    fn is_right(&mut self, value: &Expr, port: &Port) -> bool {
        let before = self.out.len();
        self.lower(value, Some(&port.ty));
        let right = self.out.len() == before;
        self.out.truncate(before);
        right
    }
}

fn is_mismatch(found: &Diagnostic, value: &Expr) -> bool {
    matches!(found.code, Code::T001 | Code::T002 | Code::T004) && found.span == value.span
}

fn swapped(first: &Name, one: &Expr, second: &Name, other: &Expr, walk: &Walk<'_, '_>) -> Diagnostic {
    let text = |it: &Expr| walk.session.sources.slice(it.span).to_owned();
    let message = format!("`{}` and `{}` are in each other's place", first.text, second.text);
    let edits = vec![Edit { span: one.span, text: text(other) }, Edit { span: other.span, text: text(one) }];
    Diagnostic::new(Code::T001, one.span, message)
        .here(format!("this is what `{}` wants", second.text))
        .label(other.span, format!("this is what `{}` wants", first.text))
        .with_fix(Fix { title: "swap them".into(), safe: false, edits })
}
