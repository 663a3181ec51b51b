//! Places inside what was read from a text that is not written in the file as it is.

use crate::{
    source::Span,
    syntax::ast::{Arg, ArgKind, Expr, ExprKind, TypeExpr, TypeKind},
};

/// What carries places that can be moved.
pub(super) trait Walk {
    fn bad(span: Span) -> Self;
    fn spans(&mut self, with: &mut dyn FnMut(&mut Span));
}

impl Walk for Expr {
    fn bad(span: Span) -> Self {
        Self { kind: ExprKind::Bad, span }
    }

    fn spans(&mut self, with: &mut dyn FnMut(&mut Span)) {
        with(&mut self.span);
        match &mut self.kind {
            ExprKind::Literal { .. } | ExprKind::Text(_) | ExprKind::Bad => {}
            ExprKind::Ref(name) => with(&mut name.span),
            ExprKind::Field(of, name) => {
                of.spans(with);
                with(&mut name.span);
            }
            ExprKind::Index(a, b) => {
                a.spans(with);
                b.spans(with);
            }
            ExprKind::Call { callee, args, args_span } => {
                callee.spans(with);
                for it in args {
                    arg_spans(it, with);
                }
                with(args_span);
            }
            ExprKind::List(items) => items.iter_mut().for_each(|it| it.spans(with)),
            ExprKind::Record(args) => args.iter_mut().for_each(|it| arg_spans(it, with)),
            ExprKind::Unary(_, of) | ExprKind::Paren(of) => of.spans(with),
            ExprKind::Binary { op_span, left, right, .. } => {
                with(op_span);
                left.spans(with);
                right.spans(with);
            }
        }
    }
}

fn arg_spans(arg: &mut Arg, with: &mut dyn FnMut(&mut Span)) {
    with(&mut arg.span);
    match &mut arg.kind {
        ArgKind::Named(name, value) => {
            with(&mut name.span);
            value.spans(with);
        }
        ArgKind::Positional(value) | ArgKind::Spread(value) => value.spans(with),
    }
}

impl Walk for TypeExpr {
    fn bad(span: Span) -> Self {
        Self { kind: TypeKind::Bad, span }
    }

    fn spans(&mut self, with: &mut dyn FnMut(&mut Span)) {
        with(&mut self.span);
        match &mut self.kind {
            TypeKind::Text(_) | TypeKind::Bad => {}
            TypeKind::Named { name, args } => {
                with(&mut name.span);
                for it in args {
                    it.spans(with);
                }
            }
            TypeKind::List(of) | TypeKind::Optional(of) => of.spans(with),
            TypeKind::Union(of) => of.iter_mut().for_each(|it| it.spans(with)),
            TypeKind::Record(fields) => {
                for (name, ty) in fields {
                    with(&mut name.span);
                    ty.spans(with);
                }
            }
        }
    }
}
