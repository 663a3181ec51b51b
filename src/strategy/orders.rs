//! `orders { … }` of a strategy: with what orders it trades.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    graph::{Frame, Id, Op},
    infer::{Infer, Val},
};
use crate::{
    expr::{Expr, Fact, Kind, in_words, is_number, nearest},
    source::{Code, Diagnostic},
    syntax::ast::{self, BinaryOp, ExprKind},
    value::{Field, Name, Ty},
};

/// What `orders` may say, with the types that a value may have.
static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let any = |types: &[Ty]| Ty::Union(types.into());
    let distance = || any(&[Ty::Decimal, Ty::Percent]);
    let fields = [
        ("size", any(&[Ty::Percent, Ty::Money(None), Ty::Quantity]), "How much an entry buys, as in `10% of equity`."),
        ("risk", Ty::Percent, "How much the stop may lose, as in `1% of equity`."),
        ("stop", distance(), "How far from the entry a loss is taken: a price distance, or a percent of the close."),
        (
            "target",
            any(&[Ty::RMultiple, Ty::Decimal, Ty::Percent]),
            "Where a profit is taken: a multiple of the stop, or a distance.",
        ),
        ("trail", distance(), "How far behind the best price the stop follows."),
        ("limit", Ty::Decimal, "The price at which, or better, an entry fills: a series, as `close - atr(14)`."),
        ("trigger", Ty::Decimal, "The price that an entry waits for before it is sent, as `highest(high, 20)`."),
        ("short_limit", Ty::Decimal, "The `limit` of short entries, where long ones have their own."),
        ("short_trigger", Ty::Decimal, "The `trigger` of short entries, where long ones have their own."),
        (
            "valid",
            Ty::BarCount,
            "For how many bars an entry works: until its price is reached and the volume took all of it; 1 where it is not said.",
        ),
        ("fill", Ty::members(["next_open", "close"]), "Where an order fills."),
        ("max_holding", Ty::BarCount, "After how many bars a position is closed."),
        ("pyramid", Ty::Int, "How many entries a position may have."),
        ("bracket", Ty::Bool, "Whether stop and target are orders from the start."),
    ];
    fields.into_iter().map(|(name, ty, doc): (&str, Ty, &str)| Field::new(name, ty, doc)).collect()
});

/// Checked `orders`.
#[derive(Debug, Default)]
pub(super) struct Orders {
    pub(super) size: Option<SizeRule>,
    pub(super) stop: Option<Id>,
    pub(super) target: Option<TargetRule>,
    pub(super) trail: Option<Id>,
    pub(super) limit: Option<Id>,
    pub(super) trigger: Option<Id>,
    pub(super) short_limit: Option<Id>,
    pub(super) short_trigger: Option<Id>,
    pub(super) valid: Option<Expr>,
    pub(super) fill: Option<Expr>,
    pub(super) max_holding: Option<Expr>,
    pub(super) pyramid: Option<Expr>,
    pub(super) bracket: bool,
    /// Whether a rule reads the close of the bar that it decides at.
    pub(super) follows_close: bool,
}

impl Orders {
    /// Returns the prices that entries may wait for, by the names of their fields.
    pub(super) fn prices(&self) -> [(&'static str, Option<Id>); 4] {
        [
            ("limit", self.limit),
            ("trigger", self.trigger),
            ("short_limit", self.short_limit),
            ("short_trigger", self.short_trigger),
        ]
    }

    /// Returns the expressions over parameters that they have.
    pub(super) fn exprs(&self) -> impl Iterator<Item = &Expr> {
        let size = self.size.as_ref().map(|it| match it {
            SizeRule::EquityShare(it) | SizeRule::EquityRisk(it) | SizeRule::Notional(it) | SizeRule::Shares(it) => it,
        });
        let target = self.target.as_ref().and_then(|it| if let TargetRule::Risk(it) = it { Some(it) } else { None });
        let counts = [self.valid.as_ref(), self.max_holding.as_ref(), self.pyramid.as_ref()];
        [size, target, self.fill.as_ref()].into_iter().chain(counts).flatten()
    }
}

/// How much, before the parameters are known.
#[derive(Debug)]
pub(super) enum SizeRule {
    /// A percent of equity, as a notional.
    EquityShare(Expr),
    /// A percent of equity that the stop loses.
    EquityRisk(Expr),
    /// An amount of money.
    Notional(Expr),
    /// A quantity.
    Shares(Expr),
}

/// Where the profit is taken, before the parameters are known.
#[derive(Debug)]
pub(super) enum TargetRule {
    /// A multiple of the stop's distance.
    Risk(Expr),
    /// A distance from the entry.
    Distance(Id),
}

impl Infer<'_> {
    /// Checks `orders { … }`.
    pub(super) fn orders(&mut self, settings: &ast::Settings) -> Orders {
        self.types.learn(Fact::Settings(settings, &FIELDS));
        let mut orders = Orders::default();
        let mut seen: HashMap<Name, ast::Name> = HashMap::new();
        for field in &settings.fields {
            let name = &field.name;
            if let Some(first) = seen.insert(name.text.clone(), name.clone()) {
                let found = Diagnostic::new(Code::S008, name.span, format!("`{}` is given twice", name.text));
                let found = found.label(first.span, "first here");
                self.report(found.fix("remove the second", name.span.to(field.value.span), ""));
                continue;
            }
            self.order(field, &mut orders);
        }
        self.check_orders(&orders, &seen);
        orders
    }

    fn order(&mut self, field: &ast::Setting, orders: &mut Orders) {
        let value = &field.value;
        match &*field.name.text {
            "size" => {
                let size = self.size(value, false);
                orders.size = size.or(orders.size.take());
            }
            "risk" => {
                let risk = self.size(value, true);
                orders.size = risk.or(orders.size.take());
            }
            "stop" => orders.stop = self.distance(value, "stop"),
            "trail" => orders.trail = self.distance(value, "trail"),
            "target" => {
                orders.target = self.target(value);
                self.doubt_target(value);
            }
            "limit" => orders.limit = self.price(value, "limit"),
            "trigger" => orders.trigger = self.price(value, "trigger"),
            "short_limit" => orders.short_limit = self.price(value, "short_limit"),
            "short_trigger" => orders.short_trigger = self.price(value, "short_trigger"),
            "valid" => orders.valid = self.known(value, &Ty::BarCount),
            "fill" => orders.fill = self.known(value, &Ty::members(["next_open", "close"])),
            "max_holding" => orders.max_holding = self.known(value, &Ty::BarCount),
            "pyramid" => orders.pyramid = self.known(value, &Ty::Int),
            "bracket" => {
                let it = self.known(value, &Ty::Bool);
                orders.bracket = it.is_some_and(|it| matches!(it.kind, Kind::Const(crate::value::Value::Bool(true))));
            }
            other => {
                let found = Diagnostic::new(Code::N004, field.name.span, format!("`orders` has no field `{other}`"));
                let found = match nearest(other, FIELDS.iter().map(|it| &*it.name)) {
                    Some(like) => found.fix("a field with a similar name exists", field.name.span, like),
                    None => found,
                };
                self.report(
                    found.note(format!("it has: {}", FIELDS.iter().map(|it| &*it.name).collect::<Vec<_>>().join(", "))),
                );
            }
        }
    }

    fn check_orders(&mut self, orders: &Orders, seen: &HashMap<Name, ast::Name>) {
        if let (Some(size), Some(risk)) = (seen.get("size"), seen.get("risk")) {
            let found = Diagnostic::new(Code::S008, risk.span, "`size` and `risk` both say how much");
            self.report(found.label(size.span, "the notional of a position").note("`risk` is what the stop loses"));
        }
        let needs_stop = [("risk", seen.get("risk")), ("target", seen.get("target"))];
        for (what, at) in needs_stop {
            let counts_risk = what == "risk" || matches!(orders.target, Some(TargetRule::Risk(_)));
            if let Some(at) = at.filter(|_| counts_risk && !seen.contains_key("stop") && !seen.contains_key("trail")) {
                let message = format!("this `{what}` is counted in what the stop loses, and there is no `stop`");
                let fix = "stop: 2 * atr(14)";
                self.report(Diagnostic::new(Code::N005, at.span, message).fix(
                    "say where the stop is",
                    at.span.before(),
                    format!("{fix}\n    "),
                ));
                break;
            }
        }
        let waits = orders.prices().into_iter().find_map(|(name, _)| seen.get(name));
        let at_close = |it: &Expr| matches!(&it.kind, Kind::Const(it) if it.as_str() == Some("close"));
        if let (Some(at), Some(waits), true) = (seen.get("fill"), waits, orders.fill.as_ref().is_some_and(at_close)) {
            let message = format!("an entry with a `{}` waits for a later bar", waits.text);
            let found = Diagnostic::new(Code::S008, at.span, message).label(waits.span, "its price");
            self.report(found.help("drop `fill`: it fills at the open of the next bar, or at its price within it"));
        }
        if let Some(at) = seen.get("bracket").filter(|_| orders.bracket)
            && !(seen.contains_key("stop") && seen.contains_key("target"))
        {
            self.report(Diagnostic::new(Code::N005, at.span, "a bracket needs both `stop` and `target`"));
        }
    }

    /// Checks what must be the same at every bar.
    fn known(&mut self, value: &ast::Expr, want: &Ty) -> Option<Expr> {
        if !self.is_scalar(value) {
            let message = format!("{} that is the same at every bar is wanted here", in_words(want));
            self.report(Diagnostic::new(Code::T001, value.span, message));
            return None;
        }
        let it = self.scalar(value, Some(want));
        (it.ty != Ty::Unknown).then_some(it)
    }

    fn size(&mut self, value: &ast::Expr, risk: bool) -> Option<SizeRule> {
        let inner = if let ExprKind::Paren(inner) = &value.kind { inner } else { value };
        if let ExprKind::Binary { op: BinaryOp::Of, left, right, .. } = &inner.kind
            && let ExprKind::Ref(whole) = &right.kind
            && matches!(&*whole.text, "equity" | "capital")
        {
            if &*whole.text == "capital" {
                let found = Diagnostic::new(
                    Code::T001,
                    right.span,
                    "a strategy does not know the capital that a run starts with",
                );
                self.report(found.fix("take a share of what the account is worth", right.span, "equity"));
                return None;
            }
            let share = self.known(left, &Ty::Percent)?;
            return Some(if risk { SizeRule::EquityRisk(share) } else { SizeRule::EquityShare(share) });
        }
        if !self.is_scalar(value) {
            self.report(Diagnostic::new(
                Code::T001,
                value.span,
                "a size is the same at every bar, as in `10% of equity`",
            ));
            return None;
        }
        let it = self.scalar(value, None);
        match it.ty {
            Ty::Unknown => None,
            Ty::Money(_) if !risk => Some(SizeRule::Notional(it)),
            Ty::Quantity if !risk => Some(SizeRule::Shares(it)),
            Ty::Percent => {
                let found = Diagnostic::new(Code::T002, value.span, "expected a share of equity, found a percent");
                self.report(found.here("this is Percent").fix(
                    "say what it is a percent of",
                    value.span.after(),
                    " of equity",
                ));
                None
            }
            ref ty => {
                let what = if risk { "`1% of equity`" } else { "`10% of equity`, `5_000 USD` or `100 shares`" };
                let code = if is_number(ty) { Code::T004 } else { Code::T001 };
                let found = Diagnostic::new(code, value.span, format!("{} is no size", in_words(ty)));
                self.report(found.help(format!("write {what}")));
                None
            }
        }
    }

    /// Checks a distance from the entry: a price, or a percent of the close.
    fn distance(&mut self, value: &ast::Expr, what: &str) -> Option<Id> {
        let val = self.infer(value);
        if let Val::Scalar(it) = &val
            && it.ty == Ty::RMultiple
        {
            let found = Diagnostic::new(Code::T002, value.span, "a stop cannot be counted in what the stop loses");
            self.report(found.help("write a distance, as in `2 * atr(14)` or `5%`"));
            return None;
        }
        let (id, ty) = self.series(val, value.span)?;
        match ty {
            Ty::Percent => {
                let close = self.graph.add(Op::Price(crate::market::indicators::Column::Close), Frame::Base);
                Some(self.graph.add(Op::Binary(BinaryOp::Of, id, close), Frame::Base))
            }
            ty if is_number(&ty) => Some(id),
            ty => {
                let message = format!("`{what}` is a distance in price or a percent, this is {}", in_words(&ty));
                self.report(Diagnostic::new(Code::T001, value.span, message));
                None
            }
        }
    }

    /// Doubts a target that is a small bare number: few mean so much in price, many so many times the risk.
    fn doubt_target(&mut self, value: &ast::Expr) {
        let ast::ExprKind::Literal { value: crate::value::Value::Int(times @ 1..=10), .. } = &value.kind else {
            return;
        };
        let message =
            format!("this target is {times} away in price; was {times}R meant, counted in what the stop loses?");
        let meant = format!("{times}R");
        self.report(Diagnostic::new(Code::T005, value.span, message).fix(format!("write {meant}"), value.span, meant));
    }

    /// Checks a price at which an entry waits.
    fn price(&mut self, value: &ast::Expr, what: &str) -> Option<Id> {
        let val = self.infer(value);
        let (id, ty) = self.series(val, value.span)?;
        if is_number(&ty) {
            return Some(id);
        }
        let code = if ty == Ty::Percent { Code::T002 } else { Code::T001 };
        let message = format!("`{what}` is a price, this is {}", in_words(&ty));
        self.report(Diagnostic::new(code, value.span, message).help("write a price, as in `close * 0.98`"));
        None
    }

    fn target(&mut self, value: &ast::Expr) -> Option<TargetRule> {
        if self.is_scalar(value) {
            let before = self.out.len();
            let it = self.scalar(value, None);
            if it.ty == Ty::RMultiple {
                return Some(TargetRule::Risk(it));
            }
            // What is wrong with it has been said.
            if self.out.len() > before {
                return None;
            }
        }
        self.distance(value, "target").map(TargetRule::Distance)
    }
}
