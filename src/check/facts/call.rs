//! A call of a method with all that is known of what goes into it, for the rules that look at it.

use std::rc::Rc;

use super::{Bars, Choice, Facts, Guard, More, Today, What, Window, as_bars, bars::most_in, flow::Flow};
use crate::{
    check::{Call, Filled, walk::indent},
    slice::{Effect, Role},
    source::{Edit, Span},
    syntax::ast::Form,
    value::{BarCount, Duration, Name, Ty, Value},
};

/// A call of a method, and what is known of what goes into it.
pub(in crate::check) struct CallFacts<'f, 'v, 'a> {
    pub(super) flow: &'f Flow<'v, 'a>,
    pub call: &'v Call,
    pub(super) inputs: Vec<(&'v Name, Facts)>,
    /// What is known of what it gives.
    pub given: Facts,
}

impl CallFacts<'_, '_, '_> {
    /// Returns the mode that is checked.
    pub fn mode(&self) -> &str {
        self.flow.mode
    }

    /// Returns what is known of an input; nothing where it is left to its default.
    pub fn of(&self, name: &str) -> Option<&Facts> {
        self.inputs.iter().find(|it| **it.0 == *name).map(|it| &it.1)
    }

    /// Returns the value of an input, or its default.
    fn known(&self, name: Option<&str>) -> Option<Value> {
        let name = name?;
        match self.of(name) {
            Some(facts) => facts.value().cloned(),
            None => self.call.method.input(name)?.default.clone(),
        }
    }

    /// Returns the bars that an input is.
    pub fn bars(&self, name: &str) -> Option<Rc<Bars>> {
        as_bars(self.of(name)?, self.call.span)
    }

    /// Returns where an input is written, else where the call is.
    pub fn span(&self, name: &str) -> Span {
        self.written(name).unwrap_or(self.call.span)
    }

    /// Returns where an input is written.
    pub fn written(&self, name: &str) -> Option<Span> {
        let input = self.call.inputs.iter().find(|it| *it.name == *name)?;
        (input.filled == Filled::Argument).then_some(input.value.span)
    }

    /// Returns what a file may write for an input: what it writes, or the name of the value that is wired.
    pub fn value_text(&self, name: &str) -> Option<String> {
        let input = self.call.inputs.iter().find(|it| *it.name == *name)?;
        match &input.filled {
            Filled::Argument => Some(self.text(input.value.span).to_owned()).filter(|it| !it.is_empty()),
            Filled::Name(name) | Filled::Type(name) => Some(name.to_string()),
            _ => None,
        }
    }

    /// Returns the step that the call is of.
    pub fn step(&self) -> Span {
        self.flow.steps.last().copied().unwrap_or(self.call.span)
    }

    /// Returns the path and type of the method that holds values of a type against the limits.
    pub fn guard_of(&self, ty: &Ty) -> Option<String> {
        let registry = self.flow.session.registry;
        let mut all = registry.slices().flat_map(|it| registry.methods(it));
        let guard = all.find(|it| it.role == Some(Role::Guards) && it.output == *ty)?;
        Some(format!("{}({}: ", guard.path(), guard.inputs.iter().find(|it| it.ty == *ty)?.name))
    }

    /// Returns every value in sight that is bars, by its name, the innermost body first.
    pub fn bars_in_sight(&self) -> Vec<(Name, Rc<Bars>)> {
        let rounds = self.flow.bodies.iter().rev();
        let named = rounds.flat_map(|it| it.slots.iter().zip(&it.facts));
        named
            .filter_map(
                |(slot, it)| if let What::Bars(it) = &it.what { Some((slot.name.clone(), it.clone())) } else { None },
            )
            .collect()
    }

    /// Returns what a file says at a place.
    pub fn text(&self, span: Span) -> &str {
        self.flow.session.sources.slice(span).trim()
    }

    fn is_yaml(&self, span: Span) -> bool {
        self.flow.session.project.units.iter().any(|it| it.file.id == span.file && it.file.form == Form::Yaml)
    }

    /// Returns the edit that gives an input of this call a value.
    pub fn argument(&self, name: &str, value: &str) -> Option<Edit> {
        match self.written(name) {
            Some(span) => Some(Edit { span, text: value.into() }),
            None => self.added(self.call.span, name, value),
        }
    }

    /// Returns the edit that adds an argument to the call that stands at a place.
    pub fn added(&self, call: Span, name: &str, value: &str) -> Option<Edit> {
        if self.is_yaml(call) {
            return None;
        }
        let text = self.flow.session.sources.slice(call).trim_end();
        let end = call.start + u32::try_from(text.len()).ok()?;
        let Some(inside) = text.strip_suffix(')') else {
            return Some(Edit { span: Span { start: end, end, ..call }, text: format!("({name}: {value})") });
        };
        let inside = inside.trim_end();
        let at = call.start + u32::try_from(inside.len()).ok()?;
        let comma = if inside.ends_with(['(', ',']) { "" } else { ", " };
        Some(Edit { span: Span { start: at, end: at, ..call }, text: format!("{comma}{name}: {value}") })
    }

    /// Returns the edit that puts a step above the one that the call is of.
    pub fn step_above(&self, step: &str) -> Option<Edit> {
        let span = self.step();
        let source = self.flow.session.sources.get(span.file).filter(|_| !self.is_yaml(span))?;
        Some(Edit { span: span.before(), text: format!("{step}\n{}", indent(source, span)) })
    }

    /// Returns a name that no value in sight has.
    pub fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| self.flow.bodies.iter().any(|it| it.slots.iter().any(|it| *it.name == *name));
        let mut name = wanted.to_owned();
        while taken(&name) {
            name.push('_');
        }
        name
    }

    /// Returns what is known of what the call gives.
    pub(super) fn gives(&self) -> Facts {
        let (method, at) = (&self.call.method, self.call.span);
        let unknown = Facts::default();
        let of = |name: &str| self.of(name).unwrap_or(&unknown);
        let mut facts = match method.role {
            Some(Role::Loads { symbol, period, timeframe, count }) => {
                let window = match (self.known(count), period.and_then(|it| self.of(it))) {
                    (Some(Value::BarCount(BarCount(it))), _) => Window::Last(it),
                    _ if count.is_some() => Window::Unknown,
                    (_, None) => Window::All,
                    (_, Some(it)) if it.value() == Some(&Value::None) => Window::All,
                    (_, Some(it)) if it.what == What::Unknown => Window::Unknown,
                    (_, Some(it)) => Window::Days(it.what.clone()),
                };
                let more = count.map(|input| More { input, written: self.written(input), on_top: false });
                let length = timeframe.map(|it| (it, self.written(it)));
                let said = period.or(count).and_then(|it| self.written(it));
                let timeframe = self.length(timeframe);
                let symbol = of(symbol).what.clone();
                bars(Bars { symbol, window, timeframe, most: Some(0), decided: None, made: at, said, more, length })
            }
            Some(Role::Cuts { bars: of_bars, period, warmup }) => {
                let window = match &of(period).what {
                    What::Unknown => Window::Unknown,
                    known => Window::Days(known.clone()),
                };
                let most = match (warmup, self.known(warmup)) {
                    (None, _) => Some(0),
                    (_, Some(Value::BarCount(it))) => Some(it.0),
                    _ => None,
                };
                let more = warmup.map(|input| More { input, written: self.written(input), on_top: true });
                let said = self.written(period);
                self.bars(of_bars).map_or(unknown.clone(), |base| {
                    let (symbol, timeframe) = (base.symbol.clone(), base.timeframe);
                    bars(Bars { symbol, window, timeframe, most, decided: None, made: at, said, more, length: None })
                })
            }
            Some(Role::Decides { bars: on, .. } | Role::Validates { bars: on, .. }) => {
                Facts::of(self.bars(on).map_or(What::Unknown, What::Report))
            }
            Some(Role::Chooses { among }) => choose(of(among), Facts::reports, at),
            Some(Role::Fits { bars: to }) => {
                let on: Vec<_> = self.bars(to).into_iter().collect();
                let choice = (!on.is_empty()).then(|| Rc::new(Choice { span: at, fitted: true, on, among: None }));
                Facts { choice, ..Facts::default() }
            }
            Some(Role::Lists { as_of }) => {
                let dated = self.of(as_of).is_some_and(|it| it.value() != Some(&Value::None));
                Facts { today: (!dated).then_some(Today { span: at, as_of: Some(as_of) }), ..Facts::default() }
            }
            Some(Role::Guards) | None => Facts::default(),
        };
        let inputs = || self.inputs.iter().map(|it| &it.1);
        facts.choice = facts.choice.or_else(|| inputs().find_map(|it| it.choice.clone()));
        facts.open = match method.role {
            _ if method.repaints => Some(at),
            // The last of certain days is over.
            Some(Role::Cuts { .. }) => None,
            _ => inputs().find_map(|it| it.open),
        };
        facts.guard = match method.role {
            Some(Role::Guards) => Guard::Yes,
            // What is made of what was checked may be it still, and what a broker gives is nothing to be traded.
            _ if method.effect == Effect::Orders || inputs().any(|it| it.guard == Guard::Yes) => Guard::Unknown,
            _ => Guard::No(at),
        };
        facts
    }

    fn length(&self, timeframe: Option<&str>) -> Option<Duration> {
        if let Some(Value::Duration(it)) = self.known(timeframe) { Some(it) } else { None }
    }
}

/// Returns what is known of bars; `most` says how many come on top of their window.
fn bars(it: Bars) -> Facts {
    let decided = match (&it.window, it.timeframe) {
        (Window::Last(it), _) => Some(*it),
        (Window::Days(days), Some(timeframe)) => most_in(days, timeframe),
        _ => None,
    };
    let most = decided.zip(it.most).map(|(window, on_top)| window.saturating_add(on_top));
    Facts::of(What::Bars(Rc::new(Bars { most, decided, ..it })))
}

/// Returns what is known of the item that was chosen from a list; `of` gives the bars of the reports that decided.
pub(super) fn choose(list: &Facts, of: impl Fn(&Facts) -> Vec<Rc<Bars>>, span: Span) -> Facts {
    let item = list.item();
    let on = of(&item);
    if on.is_empty() {
        return item;
    }
    let among = if let What::List { most, .. } = &list.what { *most } else { None };
    Facts { choice: Some(Rc::new(Choice { span, fitted: false, on, among })), ..item }
}
