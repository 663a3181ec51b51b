//! What is known of a value before the run: of which bars and days it was made, on what its parameters were chosen, and
//! how far it may be trusted. What is not known is never said to be so.

mod bars;
mod call;
mod flow;

use std::{rc::Rc, sync::Arc};

pub(super) use bars::{Bars, More, Overlap, Window, as_bars, days_of};
pub(super) use call::CallFacts;
pub(super) use flow::{follow, in_order};

use crate::{
    expr::{Context, Template},
    source::Span,
    strategy::Strategy,
    value::{Name, Value},
};

/// The most parts that are kept of one value: past that nothing is known of it, which bounds what a hostile file costs.
const MOST_PARTS: usize = 256;

/// What is known of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::check) struct Facts {
    pub what: What,
    /// The choice that it, or what it is made of, came from.
    pub choice: Option<Rc<Choice>>,
    /// Whether it was held against the limits.
    pub guard: Guard,
    /// What listed the symbols that it came from as they are today.
    pub today: Option<Today>,
    /// Where bars were loaded whose last one may still be open.
    pub open: Option<Span>,
}

/// A list of symbols as they are today.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::check) struct Today {
    pub span: Span,
    /// The input that would have it list them as they were; none where a person wrote the list.
    pub as_of: Option<&'static str>,
}

/// Whether what is to be traded was held against the limits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::check) enum Guard {
    #[default]
    Unknown,
    /// It was not: this is where it was made.
    No(Span),
    Yes,
}

/// What a value is, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::check) enum What {
    #[default]
    Unknown,
    Const(Value),
    /// Not known, but the same wherever it is read in one round of its body; fields of it are the path.
    Same(Id, Path),
    /// The item that this round of a loop is about, of a list that is known; fields of it are the path.
    Each(Each),
    /// One of the items that a loop was about, behind it.
    OneOf(OneOf),
    Record(Rc<[(Name, Facts)]>),
    List {
        item: Rc<Facts>,
        /// How many items there are at most.
        most: Option<u64>,
    },
    Bars(Rc<Bars>),
    /// A strategy with all of its parameters.
    Strategy(Rc<Made>),
    /// What came of decisions on these bars, or a number in it.
    Report(Rc<Bars>),
}

/// Which fields of a value are meant, the outermost first.
pub(in crate::check) type Path = Rc<[Name]>;

/// Where a value is that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Id {
    /// A slot of a body; each time that a body is followed it has a number of its own.
    Slot(u32, u32),
    Context(Context),
}

/// The item that a round of a loop is about.
#[derive(Clone, Debug)]
pub(in crate::check) struct Each {
    /// The number of the loop's body.
    pub body: u32,
    pub items: Arc<[Value]>,
    pub path: Path,
    /// Whether each of the items has its round, whatever else is known then.
    pub sure: bool,
}

impl PartialEq for Each {
    /// Two of one loop are of one list.
    fn eq(&self, other: &Self) -> bool {
        self.body == other.body && self.path == other.path
    }
}

/// One of the items that a loop was about.
#[derive(Clone, Debug)]
pub(in crate::check) struct OneOf(pub Each);

impl PartialEq for OneOf {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.items, &other.0.items) && self.0.path == other.0.path
    }
}

impl Each {
    /// Returns every value that it may be, in the order of the rounds.
    pub fn values(&self) -> impl Iterator<Item = Value> + '_ {
        self.items
            .iter()
            .map(|it| self.path.iter().fold(it.clone(), |value, name| value.field(name).unwrap_or_default()))
    }
}

/// A strategy with its parameters.
#[derive(Clone, Debug)]
pub(in crate::check) struct Made {
    pub template: Arc<dyn Template>,
    pub strategy: Strategy,
    /// Where it is made.
    pub span: Span,
    /// What it is one of, where a loop goes over many; this one looks back the farthest.
    pub among: Option<Among>,
}

/// What a strategy is one of.
#[derive(Clone, Debug)]
pub(in crate::check) struct Among {
    /// Its own parameters.
    pub params: String,
    /// Whether each of them is made, not only one that is chosen later.
    pub sure: bool,
}

impl PartialEq for Made {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && self.template.meaning() == other.template.meaning()
    }
}

/// A choice among trials by what they came to.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::check) struct Choice {
    /// Where it was made.
    pub span: Span,
    /// Whether it was fitted to the bars rather than chosen from runs on them.
    pub fitted: bool,
    /// To which bars it was fitted, or on which the trials were run.
    pub on: Vec<Rc<Bars>>,
    /// Among how many trials, where that is known.
    pub among: Option<u64>,
}

impl Facts {
    pub fn of(what: What) -> Self {
        Self { what, ..Self::default() }
    }

    /// Returns the known value.
    pub fn value(&self) -> Option<&Value> {
        if let What::Const(it) = &self.what { Some(it) } else { None }
    }

    /// Returns what is known of a field.
    pub fn field(&self, name: &str) -> Self {
        let longer = |path: &Path| path.iter().cloned().chain([Name::from(name)]).collect::<Path>();
        let what = match &self.what {
            What::Record(fields) => {
                let field = fields.iter().rev().find(|(it, _)| **it == *name).map(|it| it.1.clone());
                let field = field.unwrap_or_default();
                // What a choice is made of was chosen with it.
                let choice = field.choice.or_else(|| self.choice.clone());
                return Self { choice, ..field };
            }
            What::Const(it) => it.field(name).map_or(What::Unknown, What::Const),
            What::Same(id, path) => What::Same(*id, longer(path)),
            What::Each(it) => What::Each(Each { path: longer(&it.path), ..it.clone() }),
            What::OneOf(OneOf(it)) => What::OneOf(OneOf(Each { path: longer(&it.path), ..it.clone() })),
            What::Report(bars) => What::Report(bars.clone()),
            _ => What::Unknown,
        };
        Self { what, ..self.clone() }
    }

    /// Returns what is known of the items of a list.
    pub fn item(&self) -> Self {
        match &self.what {
            What::List { item, .. } => {
                let mut item = (**item).clone();
                item.choice = item.choice.or_else(|| self.choice.clone());
                item.today = item.today.or(self.today);
                item
            }
            What::Const(Value::List(items)) if items.len() == 1 => {
                Self { what: items.first().cloned().map_or(What::Unknown, What::Const), ..self.clone() }
            }
            _ => Self { what: What::Unknown, ..self.clone() },
        }
    }

    /// Returns what is known of a value that is one or the other.
    pub fn or(self, other: Self) -> Self {
        if self == other {
            return self;
        }
        let guard = match (self.guard, other.guard) {
            (Guard::No(it), _) | (_, Guard::No(it)) => Guard::No(it),
            (Guard::Yes, Guard::Yes) => Guard::Yes,
            _ => Guard::Unknown,
        };
        Self {
            what: if self.what == other.what { self.what } else { What::Unknown },
            choice: if self.choice == other.choice { self.choice } else { None },
            guard,
            today: self.today.and(other.today),
            open: self.open.and(other.open),
        }
    }

    /// Returns what is still known outside of a body: nothing of what was only the same in one round of it.
    pub fn outside(&self, body: u32) -> Self {
        let choice = self.choice.as_ref().map(|it| {
            let on = it.on.iter().map(|it| Rc::new(it.outside(body))).collect();
            Rc::new(Choice { on, ..(**it).clone() })
        });
        Self { what: self.what.outside(body), choice, ..self.clone() }
    }

    /// Returns how many parts are kept of it.
    fn parts(&self) -> usize {
        match &self.what {
            What::Record(fields) => fields.iter().map(|it| it.1.parts()).sum::<usize>() + 1,
            What::List { item, .. } => item.parts() + 1,
            _ => 1,
        }
    }

    /// Returns a record of these fields.
    pub fn record(fields: Vec<(Name, Self)>) -> Self {
        let whole = Self::of(What::Record(fields.into()));
        if whole.parts() > MOST_PARTS { Self::default() } else { whole }
    }

    /// Returns a list of items that are like this.
    pub fn list(item: Self, most: Option<u64>) -> Self {
        let (today, choice) = (item.today, item.choice.clone());
        let whole = Self { choice, today, ..Self::of(What::List { item: Rc::new(item), most }) };
        if whole.parts() > MOST_PARTS { Self::default() } else { whole }
    }

    /// Returns the bars of every report in it, the first ones of many.
    pub fn reports(&self) -> Vec<Rc<Bars>> {
        match &self.what {
            What::Report(bars) => vec![bars.clone()],
            What::Record(fields) => fields.iter().flat_map(|it| it.1.reports()).take(8).collect(),
            _ => Vec::new(),
        }
    }
}

impl What {
    fn outside(&self, body: u32) -> Self {
        match self {
            What::Same(Id::Slot(of, _), _) if *of >= body => What::Unknown,
            What::Each(it) if it.body >= body && it.sure => What::OneOf(OneOf(it.clone())),
            What::Each(it) if it.body >= body => What::Unknown,
            What::Record(fields) => {
                What::Record(fields.iter().map(|(name, it)| (name.clone(), it.outside(body))).collect())
            }
            What::List { item, most } => What::List { item: Rc::new(item.outside(body)), most: *most },
            What::Bars(it) => What::Bars(Rc::new(it.outside(body))),
            What::Report(it) => What::Report(Rc::new(it.outside(body))),
            other => other.clone(),
        }
    }
}
