//! What can be seen from a place: params, lets, loop variables and steps, body by body.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use crate::{
    expr::{Context, Expr, Kind, Slot},
    source::Span,
    syntax::ast,
    value::{Name, Ty},
};

/// The context values with their types, which are read from a schema once.
static CONTEXTS: LazyLock<Vec<(Context, Ty)>> =
    LazyLock::new(|| Context::ALL.iter().map(|it| (*it, it.ty())).collect());

/// Returns the context value of this name with its type.
pub(super) fn context(name: &str) -> Option<(Context, Ty)> {
    CONTEXTS.iter().find(|(it, _)| it.name() == name).cloned()
}

/// Returns all context values with their types.
pub(super) fn contexts() -> &'static [(Context, Ty)] {
    &CONTEXTS
}

/// What kind of thing a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Param,
    Let,
    Var,
    Step,
    On,
    /// What a run of a test gave: it can be named, and fills nothing by itself.
    Ran,
}

/// A name of a body, and what is known of it so far.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub name: Name,
    /// None until its statement has been resolved.
    pub ty: Option<Ty>,
    pub what: What,
    pub declared: Span,
    /// The place of its statement among those of its body: what stands above has a lower one.
    pub order: usize,
    pub used: bool,
    /// The clause by which a value of lesser worth may have come in.
    pub degraded: Option<Span>,
    /// The clause by which it may be none.
    pub absent: Option<Span>,
    /// The nominal types that went into it: fields of them are merely passed on.
    pub given: HashSet<Name>,
    /// Whether it is another name for a value that can be seen anyway.
    pub alias: bool,
    /// Whether its body finds it by its name.
    pub first: bool,
}

impl Entry {
    pub fn new(name: &ast::Name, what: What, order: usize) -> Self {
        Self {
            name: name.text.clone(),
            ty: None,
            what,
            declared: name.span,
            order,
            used: false,
            degraded: None,
            absent: None,
            given: HashSet::new(),
            alias: false,
            first: false,
        }
    }

    /// Says whether it stands above the statement at place `at` of its body.
    pub fn is_above(&self, at: usize) -> bool {
        match self.what {
            What::Param | What::Var => true,
            What::Ran => false,
            What::Let | What::Step | What::On => self.order < at,
        }
    }

    #[must_use]
    pub fn of(mut self, ty: Ty) -> Self {
        self.ty = Some(ty);
        self
    }
}

/// The names of one body. An entry's index is its slot.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub entries: Vec<Entry>,
    pub names: HashMap<Name, usize>,
    /// The place of the statement that is being resolved.
    pub at: usize,
    /// Where its names can be seen.
    pub span: Span,
}

impl Frame {
    /// Adds an entry and returns its slot; a second one of the same name is not found by it.
    pub fn add(&mut self, mut entry: Entry) -> usize {
        let index = self.entries.len();
        if entry.what != What::On {
            entry.first = *self.names.entry(entry.name.clone()).or_insert(index) == index;
        }
        self.entries.push(entry);
        index
    }
}

/// A value that was read: the body it is in, counted from the outermost, and its slot there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub depth: usize,
    pub index: usize,
    /// Where, if it was wired rather than written.
    pub wired: Option<Span>,
}

/// All bodies around a place, the outermost first.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    pub frames: Vec<Frame>,
    /// Every value that was read so far.
    pub uses: Vec<Use>,
    /// What a condition around this place has shown to be there.
    pub present: Vec<(usize, usize)>,
    /// What order steps around this place accept.
    pub accepted: Vec<(usize, usize)>,
    /// The context values that were read.
    pub contexts: HashSet<Context>,
}

impl Scopes {
    /// Returns the depth of the innermost body.
    pub fn depth(&self) -> usize {
        self.frames.len().saturating_sub(1)
    }

    /// Returns the innermost body.
    pub fn frame(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// Returns where a name is declared, the innermost body first.
    pub fn locate(&self, name: &str) -> Option<(usize, usize)> {
        let at = |(depth, frame): (usize, &Frame)| frame.names.get(name).map(|index| (depth, *index));
        self.frames.iter().enumerate().rev().find_map(at)
    }

    /// Returns an entry.
    pub fn entry(&self, (depth, index): (usize, usize)) -> Option<&Entry> {
        self.frames.get(depth)?.entries.get(index)
    }

    /// Returns an entry to change it.
    pub fn entry_mut(&mut self, (depth, index): (usize, usize)) -> Option<&mut Entry> {
        self.frames.get_mut(depth)?.entries.get_mut(index)
    }

    /// Returns the type of a value as it is seen here.
    pub fn ty(&self, at: (usize, usize)) -> Ty {
        let ty = self.entry(at).and_then(|it| it.ty.clone()).unwrap_or(Ty::Unknown);
        if self.present.contains(&at) { ty.required().clone() } else { ty }
    }

    /// Says whether nothing is known of the type of a value.
    pub fn is_unknown(&self, at: (usize, usize)) -> bool {
        self.entry(at).and_then(|it| it.ty.as_ref()).is_none_or(|it| *it.required() == Ty::Unknown)
    }

    /// Takes note that a value is read and returns where a run finds it.
    pub fn read(&mut self, (depth, index): (usize, usize), wired: Option<Span>) -> Slot {
        self.uses.push(Use { depth, index, wired });
        if let Some(entry) = self.entry_mut((depth, index)) {
            entry.used = true;
        }
        let up = self.depth().saturating_sub(depth);
        Slot { up: u16::try_from(up).unwrap_or(u16::MAX), index: u32::try_from(index).unwrap_or(u32::MAX) }
    }

    /// Returns an expression that reads a value.
    pub fn read_as_expr(&mut self, at: (usize, usize), wired: Option<Span>, span: Span) -> Expr {
        let ty = self.ty(at);
        Expr { kind: Kind::Slot(self.read(at, wired)), ty, span }
    }

    /// Returns the body and slot that an expression at this place means.
    pub fn absolute(&self, slot: Slot) -> (usize, usize) {
        (self.depth().saturating_sub(usize::from(slot.up)), slot.index as usize)
    }

    /// Returns every value that stands above this place and is not hidden, the innermost body first.
    pub fn above(&self) -> Vec<(usize, usize)> {
        let mut seen = Vec::new();
        for (depth, frame) in self.frames.iter().enumerate().rev() {
            let inner = self.frames.get(depth + 1..).unwrap_or_default();
            let hidden = |name: &Name| inner.iter().any(|it| it.names.contains_key(name));
            let entries = frame.entries.iter().enumerate();
            let above = entries.filter(|(_, it)| it.first && it.is_above(frame.at) && !hidden(&it.name));
            seen.extend(above.map(|(index, _)| (depth, index)));
        }
        seen
    }

    /// Returns the value of a name that stands above this place.
    pub fn above_named(&self, name: &str) -> Option<(usize, usize)> {
        let (depth, index) = self.locate(name)?;
        let frame = self.frames.get(depth)?;
        frame.entries.get(index).filter(|it| it.is_above(frame.at)).map(|_| (depth, index))
    }
}
