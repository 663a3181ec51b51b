//! From what pest matched to the syntax tree: expressions, literals and types.

use std::sync::Arc;

use pest::iterators::Pair;

use super::{
    build::{Builder, bad, bad_type, last},
    grammar::Rule,
};
use crate::{
    source::{Code, Diagnostic, Span},
    syntax::{
        ast::{Arg, ArgKind, BinaryOp, Expr, ExprKind, Name, TypeExpr, TypeKind, UnaryOp},
        literal, words,
    },
    value::Value,
};

/// How many operators an expression may have: deeper trees than that are for no reader, and for no stack.
const MAX_OPERATORS: usize = 1_000;

/// An operator that waits for its right operand.
enum Waiting {
    Prefix(UnaryOp, Span),
    Infix(BinaryOp, Span),
}

impl Waiting {
    /// Returns how tightly it binds.
    fn power(&self) -> u8 {
        match self {
            Self::Prefix(UnaryOp::Neg, _) => 20,
            Self::Prefix(UnaryOp::Not, _) => 3,
            Self::Infix(op, _) => power(*op),
        }
    }
}

fn power(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge | BinaryOp::In => 4,
        BinaryOp::By => 5,
        BinaryOp::Range => 6,
        BinaryOp::Add | BinaryOp::Sub => 7,
        BinaryOp::Of | BinaryOp::Mul | BinaryOp::Div => 8,
    }
}

impl Builder<'_> {
    /// Returns an expression, of whichever rule that is a flat list of operands and operators.
    pub fn expr(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let parts: Vec<_> = pair.into_inner().collect();
        let counts = |it: Rule| matches!(it, Rule::prefix | Rule::infix) || is_postfix(it);
        // counted from the root down, since that is how deep the tree gets
        let outside = self.operators;
        self.operators += parts.iter().filter(|it| counts(it.as_rule())).count();
        let made = if self.operators > MAX_OPERATORS {
            let message = format!("more than {MAX_OPERATORS} operators in one expression");
            self.report(Diagnostic::new(Code::S010, span, message).help("split it with `let`"));
            bad(span)
        } else {
            self.climb(parts, span)
        };
        self.operators = outside;
        made
    }

    /// Orders operands and operators by precedence; all operators between operands group to the left.
    fn climb(&mut self, parts: Vec<Pair<'_, Rule>>, span: Span) -> Expr {
        let mut done: Vec<Expr> = Vec::new();
        let mut waiting: Vec<Waiting> = Vec::new();
        for part in parts {
            let here = self.span(&part);
            match part.as_rule() {
                Rule::prefix => {
                    let op = if part.as_str() == "-" { UnaryOp::Neg } else { UnaryOp::Not };
                    if part.as_str() == "!" {
                        self.foreign(here, "not");
                    }
                    waiting.push(Waiting::Prefix(op, here));
                }
                Rule::infix => {
                    let Some(op) = binary(part.as_str()) else { continue };
                    if part.as_str() != op.as_str() {
                        self.foreign(here, op.as_str());
                    }
                    self.reduce(&mut done, &mut waiting, power(op));
                    waiting.push(Waiting::Infix(op, here));
                }
                rule if is_postfix(rule) => {
                    if let Some(on) = done.pop() {
                        let made = self.postfix(on, part, here);
                        done.push(made);
                    }
                }
                _ => {
                    let made = self.primary(part, here);
                    done.push(made);
                }
            }
        }
        self.reduce(&mut done, &mut waiting, 0);
        done.pop().unwrap_or(bad(span))
    }

    /// Applies the operators that wait and bind at least as tightly as `power`.
    fn reduce(&mut self, done: &mut Vec<Expr>, waiting: &mut Vec<Waiting>, power: u8) {
        while let Some(top) = waiting.pop_if(|it| it.power() >= power) {
            let Some(right) = done.pop() else { return };
            let made = match top {
                Waiting::Prefix(op, span) => negated(op, &right, span.to(right.span))
                    .unwrap_or_else(|| Expr { span: span.to(right.span), kind: ExprKind::Unary(op, Box::new(right)) }),
                Waiting::Infix(op, op_span) => {
                    let Some(left) = done.pop() else { return };
                    let span = left.span.to(right.span);
                    self.date_range(op, &left, &right, span).unwrap_or_else(|| Expr {
                        kind: ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) },
                        span,
                    })
                }
            };
            done.push(made);
        }
    }

    /// Returns `2015-01-01..2024-12-31` as the literal that it is in both forms of the language.
    fn date_range(&mut self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Option<Expr> {
        let date = |it: &Expr| match &it.kind {
            ExprKind::Literal { value: Value::Date(_), text } => Some(text.clone()),
            _ => None,
        };
        let (start, end) = (date(left)?, date(right)?);
        let text = (op == BinaryOp::Range).then(|| format!("{start}..{end}"))?;
        let kind = match literal::parse(&text)? {
            Ok(value) => ExprKind::Literal { value, text: text.into() },
            Err(bad) => {
                self.report(bad.diagnostic(&text, span));
                ExprKind::Bad
            }
        };
        Some(Expr { kind, span })
    }

    /// Reports an operator of another language; `ours` is what is written here.
    fn foreign(&mut self, span: Span, ours: &str) {
        let found = self.at(span);
        let message = match found {
            "=" => "`=` does not compare".to_owned(),
            _ => format!("`{found}` is not an operator here"),
        };
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let after = self.text.get(span.end as usize..).unwrap_or_default();
        let word = ours.starts_with(char::is_alphabetic);
        let left = if word && before.ends_with(words::continues_word) { " " } else { "" };
        let right = if word && !after.starts_with(char::is_whitespace) { " " } else { "" };
        let fixed = format!("{left}{ours}{right}");
        self.report(Diagnostic::new(Code::S006, span, message).safe_fix(format!("write `{ours}`"), span, fixed));
    }

    fn postfix(&mut self, on: Expr, pair: Pair<'_, Rule>, here: Span) -> Expr {
        let span = on.span.to(here);
        let kind = match pair.as_rule() {
            Rule::access => match last(pair) {
                Some(name) => ExprKind::Field(Box::new(on), self.name(&name)),
                None => ExprKind::Bad,
            },
            Rule::index => match last(pair) {
                Some(at) => ExprKind::Index(Box::new(on), Box::new(self.expr(at))),
                None => ExprKind::Bad,
            },
            _ => ExprKind::Call { callee: Box::new(on), args: self.args(pair), args_span: here },
        };
        Expr { kind, span }
    }

    fn primary(&mut self, pair: Pair<'_, Rule>, span: Span) -> Expr {
        let kind = match pair.as_rule() {
            _ if self.holes.contains(&span.start) => ExprKind::Bad,
            Rule::literal | Rule::constant => self.literal(span),
            Rule::foreign_amount => self.foreign_amount(span),
            Rule::string => ExprKind::Text(self.quoted_text(&pair)),
            Rule::foreign_string => ExprKind::Text(self.quoted_text(&pair)),
            Rule::list => ExprKind::List(pair.into_inner().map(|it| self.expr(it)).collect()),
            Rule::record => ExprKind::Record(self.args(pair)),
            Rule::paren => last(pair).map_or(ExprKind::Bad, |it| ExprKind::Paren(Box::new(self.expr(it)))),
            _ => match last(pair) {
                Some(name) => ExprKind::Ref(self.name(&name)),
                None => ExprKind::Bad,
            },
        };
        Expr { kind, span }
    }

    /// Returns the arguments of a call or the fields of a record.
    pub fn args(&mut self, pair: Pair<'_, Rule>) -> Vec<Arg> {
        let mut args = Vec::new();
        for arg in pair.into_inner() {
            let span = self.span(&arg);
            let (mut name, mut value, mut spread) = (None, None, None);
            for part in arg.into_inner() {
                match part.as_rule() {
                    Rule::name => name = Some(self.name(&part)),
                    Rule::foreign_colon => self.foreign_colon(&part),
                    Rule::colon => {}
                    Rule::spread => spread = last(part).map(|it| self.expr(it)),
                    _ => value = Some(self.expr(part)),
                }
            }
            let kind = match (name, value, spread) {
                (_, _, Some(it)) => ArgKind::Spread(it),
                (Some(name), Some(value), _) => ArgKind::Named(name, value),
                (_, value, _) => ArgKind::Positional(value.unwrap_or(bad(span))),
            };
            args.push(Arg { kind, span });
        }
        args
    }

    /// Reports `=` between a key and its value.
    pub fn foreign_colon(&mut self, pair: &Pair<'_, Rule>) {
        let span = self.span(pair);
        let blanks = self.text.get(..span.start as usize).unwrap_or_default();
        let start = blanks.trim_end_matches([' ', '\t']).len();
        let tail = self.text.get(span.end as usize..).unwrap_or_default();
        let text = if tail.starts_with(char::is_whitespace) { ":" } else { ": " };
        let place = Span::new(self.id, start, span.end as usize);
        let found = Diagnostic::new(Code::S006, span, "a name and its value are parted by `:` here, not by `=`");
        self.report(found.safe_fix("write `:`", place, text));
    }

    fn literal(&mut self, span: Span) -> ExprKind {
        let text = self.at(span).to_owned();
        match literal::parse(&text) {
            Some(Ok(value)) => ExprKind::Literal { value, text: text.into() },
            Some(Err(bad)) => {
                self.report(bad.diagnostic(&text, span));
                ExprKind::Bad
            }
            None => {
                let message = format!("`{text}` is neither a number nor a date");
                self.report(Diagnostic::new(Code::S001, span, message));
                ExprKind::Bad
            }
        }
    }

    /// Reads `30 s` and `100 usd` as `30s` and `100 USD`, and reports them.
    fn foreign_amount(&mut self, span: Span) -> ExprKind {
        let text = self.at(span).to_owned();
        let Some((number, unit)) = text.split_once(' ') else { return ExprKind::Bad };
        let unit = unit.trim_start();
        let (fixed, message) = if literal::UNITS.contains(&unit) {
            (format!("{number}{unit}"), format!("`{text}` is written without a space"))
        } else {
            let upper = unit.to_ascii_uppercase();
            (format!("{number} {upper}"), format!("a currency is written in capitals: `{upper}`"))
        };
        let value = literal::read(&fixed);
        self.report(Diagnostic::new(Code::S004, span, message).safe_fix(
            format!("write `{fixed}`"),
            span,
            fixed.clone(),
        ));
        value.map_or(ExprKind::Bad, |value| ExprKind::Literal { value, text: fixed.into() })
    }

    /// Returns what a quoted text says.
    pub fn quoted_text(&mut self, pair: &Pair<'_, Rule>) -> Arc<str> {
        let span = self.span(pair);
        let inner = pair.as_str().get(1..pair.as_str().len().saturating_sub(1)).unwrap_or_default();
        if pair.as_rule() == Rule::foreign_string {
            let fixed = format!("\"{}\"", inner.replace('"', "\\\""));
            let found = Diagnostic::new(Code::S006, span, "text is quoted with `\"`, not with `'`");
            self.report(found.safe_fix("write `\"`", span, fixed));
            return inner.into();
        }
        if !inner.contains('\\') {
            return inner.into();
        }
        let mut text = String::with_capacity(inner.len());
        let mut chars = inner.char_indices();
        while let Some((at, it)) = chars.next() {
            if it != '\\' {
                text.push(it);
                continue;
            }
            match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, 'r')) => text.push('\r'),
                Some((_, plain @ ('"' | '\\'))) => text.push(plain),
                Some((_, other)) => {
                    let start = span.start as usize + 1 + at;
                    let here = Span::new(self.id, start, start + 1 + other.len_utf8());
                    let found = Diagnostic::new(Code::S001, here, format!("there is no escape `\\{other}` in a text"));
                    let found = found.note("there are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\r`");
                    self.report(found.fix("write the backslash itself as `\\\\`", here, format!("\\\\{other}")));
                    text.push(other);
                }
                None => {}
            }
        }
        text.into()
    }

    /// Returns a type.
    pub fn type_expr(&mut self, pair: Pair<'_, Rule>) -> TypeExpr {
        let span = self.span(&pair);
        let mut parts: Vec<_> = pair.into_inner().map(|it| self.type_part(it)).collect();
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => only,
            (_, Some(rest)) => {
                parts.push(rest);
                TypeExpr { kind: TypeKind::Union(parts), span }
            }
            _ => bad_type(span),
        }
    }

    fn type_part(&mut self, pair: Pair<'_, Rule>) -> TypeExpr {
        let span = self.span(&pair);
        let mut made = bad_type(span);
        for part in pair.into_inner() {
            let here = self.span(&part);
            let kind = match part.as_rule() {
                Rule::optional => TypeKind::Optional(Box::new(made)),
                Rule::string => TypeKind::Text(self.quoted_text(&part)),
                Rule::list_type => match last(part) {
                    Some(of) => TypeKind::List(Box::new(self.type_expr(of))),
                    None => TypeKind::Bad,
                },
                Rule::record_type => TypeKind::Record(part.into_inner().filter_map(|it| self.type_field(it)).collect()),
                _ => self.named_type(part),
            };
            made = TypeExpr { span: if matches!(kind, TypeKind::Optional(_)) { span } else { here }, kind };
        }
        made
    }

    fn type_field(&mut self, pair: Pair<'_, Rule>) -> Option<(Name, TypeExpr)> {
        let mut parts = pair.into_inner();
        let name = self.name(&parts.next()?);
        Some((name, self.type_expr(parts.next_back()?)))
    }

    fn named_type(&mut self, pair: Pair<'_, Rule>) -> TypeKind {
        let mut parts = pair.into_inner();
        match parts.next() {
            Some(name) => {
                TypeKind::Named { name: self.name(&name), args: parts.map(|it| self.type_expr(it)).collect() }
            }
            None => TypeKind::Bad,
        }
    }
}

/// Returns `-5%` as the literal that it is in both forms of the language.
fn negated(op: UnaryOp, operand: &Expr, span: Span) -> Option<Expr> {
    let ExprKind::Literal { text, .. } = &operand.kind else { return None };
    let text = format!("-{text}");
    let value = (op == UnaryOp::Neg).then(|| literal::read(&text))??;
    Some(Expr { kind: ExprKind::Literal { value, text: text.into() }, span })
}

fn is_postfix(rule: Rule) -> bool {
    matches!(rule, Rule::access | Rule::index | Rule::args)
}

/// Returns the operator that is written or meant by a sign or a word between two operands.
fn binary(text: &str) -> Option<BinaryOp> {
    Some(match text {
        "or" | "||" => BinaryOp::Or,
        "and" | "&&" => BinaryOp::And,
        "==" | "=" => BinaryOp::Eq,
        "!=" | "<>" => BinaryOp::Ne,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::Le,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::Ge,
        "in" => BinaryOp::In,
        "by" => BinaryOp::By,
        ".." => BinaryOp::Range,
        "of" => BinaryOp::Of,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        _ => return None,
    })
}
