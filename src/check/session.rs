//! One check: what is shared between the workflows of its files.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

use super::{
    Listed, Options, Test, Workflow, index,
    load::{ItemRef, Project},
    mode,
};
use crate::{
    expr::{Fact, Template, Types, resolve_type},
    slice::Registry,
    source::{Code, Diagnostic, Sources, Span},
    strategy,
    syntax::ast,
    value::{Name, Ty},
};

/// How many workflows may call each other in a row.
const MAX_CALLS: usize = 64;

/// How many names are gone through in one mode to say what may have been meant: enough for the first hundred mistakes of
/// a file of thousands of names. Without a bound, a file of so many mistakes would take time with their square.
const MAX_LISTED: usize = 400_000;

/// What is shared between the workflows of one check.
pub(super) struct Session<'a> {
    pub project: &'a Project,
    pub sources: &'a Sources,
    pub registry: &'a Registry,
    pub options: &'a Options,
    pub workflows: HashMap<(ItemRef, Name), Option<Built>>,
    /// What was found in each workflow, mode by mode.
    pub found: BTreeMap<ItemRef, Vec<(Name, Vec<Diagnostic>)>>,
    /// The workflows that are being checked, the outermost first.
    pub calls: Vec<ItemRef>,
    templates: HashMap<ItemRef, Option<Arc<dyn Template>>>,
    types: RefCell<HashMap<ItemRef, Option<Ty>>>,
    reach: HashMap<Name, Rc<HashSet<Name>>>,
    /// The imported names and namespaces that each file used.
    pub used: RefCell<HashSet<(usize, Name)>>,
    /// How many names were gone through to say what may have been meant, mode by mode.
    listed: RefCell<HashMap<Name, usize>>,
    /// The mode that is being checked.
    mode: Name,
    /// What the facts of a workflow have shown, in which mode: who calls it need not say it again.
    pub said: RefCell<HashSet<(Code, Span, Name)>>,
    /// What is found once, whatever the mode.
    pub out: RefCell<Vec<Diagnostic>>,
    /// What every place is, where somebody wants to know.
    pub index: RefCell<Option<index::Draft>>,
}

/// A workflow that was found right, and what its callers must know of it.
#[derive(Clone)]
pub(super) struct Built {
    pub workflow: Arc<Workflow>,
    /// The clause by which an output of lesser worth may come.
    pub degraded: Option<Span>,
    /// The type of what a call of it gives.
    pub ty: Ty,
}

impl<'a> Session<'a> {
    pub fn new(
        project: &'a Project,
        sources: &'a Sources,
        registry: &'a Registry,
        options: &'a Options,
        index: Option<index::Draft>,
    ) -> Self {
        Self {
            project,
            sources,
            registry,
            options,
            workflows: HashMap::new(),
            found: BTreeMap::new(),
            calls: Vec::new(),
            templates: HashMap::new(),
            types: RefCell::new(HashMap::new()),
            reach: HashMap::new(),
            used: RefCell::new(HashSet::new()),
            listed: RefCell::new(HashMap::new()),
            mode: Name::from(""),
            said: RefCell::new(HashSet::new()),
            out: RefCell::new(Vec::new()),
            index: RefCell::new(index),
        }
    }

    /// Takes note of something for the index, where one is made.
    pub fn note(&self, take: impl FnOnce(&mut index::Draft)) {
        if let Some(draft) = &mut *self.index.borrow_mut() {
            take(draft);
        }
    }

    /// Takes note of what is learnt in a file.
    pub fn learn(&self, unit: usize, fact: Fact<'_>) {
        self.note(|it| it.learn(self.project, unit, fact));
    }

    /// Checks every item of the root file. Returns its workflows, what keeps those that others call from running by
    /// themselves, and its tests.
    pub fn everything(&mut self) -> (Vec<Listed>, HashMap<Name, Vec<Diagnostic>>, Vec<Test>) {
        let project = self.project;
        let Some(unit) = project.units.first() else { return (Vec::new(), HashMap::new(), Vec::new()) };
        let mut listed = Vec::new();
        let mut alone = HashMap::new();
        let mut later = Vec::new();
        for (item, it) in unit.file.items.iter().enumerate() {
            let at = ItemRef { unit: 0, item };
            match it {
                ast::Item::Workflow(workflow) => {
                    let declared = mode::declared(workflow);
                    let modes = if declared.is_empty() { vec![Name::from("backtest")] } else { declared.clone() };
                    for mode in &declared {
                        self.workflow(at, mode, Some(workflow.name.span));
                    }
                    if declared.is_empty() {
                        later.push((at, workflow.name.text.clone()));
                    }
                    if unit.items.get(&workflow.name.text) == Some(&at) {
                        let (name, span) = (workflow.name.text.clone(), workflow.name.span);
                        listed.push(Listed { name, doc: workflow.doc.clone(), modes, span });
                    }
                }
                ast::Item::Strategy(_) => {
                    self.template_at(at);
                }
                ast::Item::Type(it) => {
                    self.of_unit(0).named(&it.name.text);
                }
                ast::Item::Use(_) | ast::Item::Test(_) | ast::Item::Bad(_) => {}
            }
        }
        // A workflow without modes has those of its callers; only one that nobody calls is checked for itself first.
        let backtest = Name::from("backtest");
        let called = super::order::called(&unit.file);
        for (at, _) in later.iter().filter(|(_, name)| !called.contains(name)) {
            self.workflow(*at, &backtest, None);
        }
        for (at, name) in later.iter().filter(|(_, name)| called.contains(name)) {
            let reached = self.found.contains_key(at);
            let known = self.workflows.contains_key(&(*at, backtest.clone()));
            self.workflow(*at, &backtest, None);
            // What is wrong with it in a mode in which nobody calls it matters only to who runs it by itself.
            if reached
                && !known
                && let Some(found) = self.found.get_mut(at)
            {
                let own: Vec<_> = found.extract_if(.., |(mode, _)| **mode == *backtest).collect();
                alone.insert(name.clone(), own.into_iter().flat_map(|it| it.1).collect());
            }
        }
        let mut tests: Vec<Test> = Vec::new();
        for (item, it) in unit.file.items.iter().enumerate() {
            let ast::Item::Test(tree) = it else { continue };
            if let Some(first) = tests.iter().find(|it| it.name == tree.name) {
                let message = format!("two tests are called `{}`", tree.name);
                let found = Diagnostic::new(Code::N006, tree.name_span, message);
                self.out.borrow_mut().push(found.label(first.span, "the first one is here"));
            }
            tests.push(super::trial::check(self, ItemRef { unit: 0, item }, tree));
        }
        self.unused_imports();
        (listed, alone, tests)
    }

    /// Returns every workflow of the root file that was found right, by name and mode.
    pub fn built(&self) -> HashMap<(Name, Name), Arc<Workflow>> {
        let root = self.workflows.iter().filter(|((at, _), _)| at.unit == 0);
        root.filter_map(|((_, mode), it)| {
            let workflow = it.as_ref()?.workflow.clone();
            Some(((workflow.name.clone(), mode.clone()), workflow))
        })
        .collect()
    }

    /// Returns all that was found, each thing once.
    pub fn findings(&mut self) -> Vec<Diagnostic> {
        let mut all = std::mem::take(&mut *self.out.borrow_mut());
        for (_, modes) in std::mem::take(&mut self.found) {
            all.extend(mode::merge(modes));
        }
        all
    }

    /// Returns a workflow as it is in a mode; nothing where it has errors.
    pub fn workflow(&mut self, at: ItemRef, mode: &Name, call: Option<Span>) -> Option<Built> {
        let key = (at, mode.clone());
        if let Some(known) = self.workflows.get(&key) {
            return known.clone();
        }
        let project = self.project;
        let Some(ast::Item::Workflow(tree)) = project.item(at) else { return None };
        let span = call.unwrap_or(tree.name.span);
        if let Some(first) = self.calls.iter().position(|it| *it == at) {
            let name = |at: &ItemRef| project.item(*at).and_then(super::load::name_of).map_or("", |it| &*it.text);
            let ring: Vec<&str> = self.calls.iter().skip(first).chain([&at]).map(name).collect();
            let message = format!("these workflows call each other: {}", ring.join(" -> "));
            let found = Diagnostic::new(Code::G001, span, message);
            self.out.borrow_mut().push(found.note("a workflow cannot call itself; to iterate, use `for`"));
            self.workflows.insert(key, None);
            return None;
        }
        if self.calls.len() >= MAX_CALLS {
            let message = format!("more than {MAX_CALLS} workflows call each other in a row");
            self.out.borrow_mut().push(Diagnostic::new(Code::S010, span, message));
            return None;
        }
        self.calls.push(at);
        let outer = std::mem::replace(&mut self.mode, mode.clone());
        let (built, found) = super::program::check(self, at, tree, mode);
        self.mode = outer;
        self.calls.pop();
        self.found.entry(at).or_default().push((mode.clone(), found));
        self.workflows.entry(key).or_insert(built).clone()
    }

    /// Returns what a path stands for in a file, and takes note that it was used.
    pub fn find(&self, unit: usize, path: &str) -> Option<ItemRef> {
        // Whoever asks for what an imported file does not have uses the import, and that is mistake enough.
        let first = path.split('.').next().unwrap_or(path);
        let known = self.project.units.get(unit).is_some_and(|it| it.namespaces.contains_key(first));
        let found = self.project.find(unit, path);
        if known || found.is_some() {
            self.used.borrow_mut().insert((unit, first.into()));
        }
        found
    }

    /// Returns the strategy that a path stands for in a file.
    pub fn template(&mut self, unit: usize, path: &str) -> Option<Arc<dyn Template>> {
        let at = self.find(unit, path)?;
        self.template_at(at)
    }

    fn template_at(&mut self, at: ItemRef) -> Option<Arc<dyn Template>> {
        if let Some(known) = self.templates.get(&at) {
            return known.clone();
        }
        let project = self.project;
        let Some(ast::Item::Strategy(tree)) = project.item(at) else { return None };
        let mut out = Vec::new();
        let made = strategy::compile(tree, &self.of_unit(at.unit), &mut out);
        self.out.borrow_mut().append(&mut out);
        self.templates.insert(at, made.clone());
        made
    }

    /// Says whether `count` more names may be gone through to say what may have been meant; each mode has its own bound,
    /// so that it says the same as the others.
    pub fn may_list(&self, count: usize) -> bool {
        let mut listed = self.listed.borrow_mut();
        let listed = listed.entry(self.mode.clone()).or_default();
        *listed = listed.saturating_add(count);
        *listed <= MAX_LISTED
    }

    /// Returns the names of all strategies that a file can use.
    pub fn templates(&self, unit: usize) -> Vec<String> {
        if !self.may_list(self.project.visible_count(unit)) {
            return Vec::new();
        }
        let is_strategy = |at: &ItemRef| matches!(self.project.item(*at), Some(ast::Item::Strategy(_)));
        self.project.visible(unit).into_iter().filter(|(_, at)| is_strategy(at)).map(|(name, _)| name).collect()
    }

    /// Returns the names of all workflows that a file can call.
    pub fn callable(&self, unit: usize) -> Vec<String> {
        if !self.may_list(self.project.visible_count(unit)) {
            return Vec::new();
        }
        let is_workflow = |at: &ItemRef| matches!(self.project.item(*at), Some(ast::Item::Workflow(_)));
        self.project.visible(unit).into_iter().filter(|(_, at)| is_workflow(at)).map(|(name, _)| name).collect()
    }

    /// Returns the types that a file can name.
    pub fn of_unit(&self, unit: usize) -> UnitTypes<'_, 'a> {
        UnitTypes { session: self, unit }
    }

    /// Returns the nominal types that a value of this type may carry: its own and those of its fields, however deep.
    pub fn reach(&mut self, ty: &Ty) -> HashSet<Name> {
        let mut found = HashSet::new();
        let mut open: Vec<Ty> = vec![ty.clone()];
        while let Some(ty) = open.pop() {
            match ty {
                Ty::Optional(it) | Ty::List(it) | Ty::Stream(it) => open.push((*it).clone()),
                Ty::Union(cases) => open.extend(cases.iter().cloned()),
                Ty::Record(fields) => open.extend(fields.iter().map(|it| it.ty.clone())),
                Ty::Domain(name) => found.extend(self.reach_of(&name).iter().cloned()),
                _ => {}
            }
        }
        found
    }

    fn reach_of(&mut self, name: &Name) -> Rc<HashSet<Name>> {
        if let Some(known) = self.reach.get(name) {
            return known.clone();
        }
        // The type itself stands in while its fields are looked at, so that types that hold each other end.
        self.reach.insert(name.clone(), Rc::new(HashSet::from([name.clone()])));
        let mut all = HashSet::from([name.clone()]);
        let registry = self.registry;
        for field in registry.domain(name).map_or(&[][..], |it| &it.fields) {
            all.extend(self.reach(&field.ty));
        }
        let all = Rc::new(all);
        self.reach.insert(name.clone(), all.clone());
        all
    }

    fn unused_imports(&mut self) {
        let Some(unit) = self.project.units.first() else { return };
        // What cannot be read may be what uses an import.
        if unit.file.items.iter().any(|it| matches!(it, ast::Item::Bad(_))) {
            return;
        }
        let used = self.used.borrow();
        for import in unit.imports.iter().filter(|it| !used.contains(&(0, it.name.clone()))) {
            let message = format!("the import `{}` is never used", import.name);
            let found = Diagnostic::new(Code::G003, import.span, message);
            let found = if import.alone { found.safe_fix("remove it", import.statement, "") } else { found };
            self.out.borrow_mut().push(found);
        }
    }
}

/// The types that a file can name: those of the catalogue, its own, and the imported ones.
pub(super) struct UnitTypes<'s, 'a> {
    session: &'s Session<'a>,
    unit: usize,
}

impl Types for UnitTypes<'_, '_> {
    fn named(&self, name: &str) -> Option<Ty> {
        let session = self.session;
        let Some(at) = session.project.find(self.unit, name) else {
            return session.registry.domain(name).map(|it| Ty::domain(it.name));
        };
        let Some(ast::Item::Type(tree)) = session.project.item(at) else { return None };
        session.used.borrow_mut().insert((self.unit, name.into()));
        let known = session.types.borrow().get(&at).cloned();
        match known {
            Some(Some(ty)) => Some(ty),
            Some(None) => {
                let message = format!("the type `{name}` is made of itself");
                session.out.borrow_mut().push(Diagnostic::new(Code::G001, tree.name.span, message));
                Some(Ty::Unknown)
            }
            None => {
                session.types.borrow_mut().insert(at, None);
                let mut out = Vec::new();
                let ty = resolve_type(&tree.ty, &session.of_unit(at.unit), &mut out);
                session.out.borrow_mut().append(&mut out);
                session.types.borrow_mut().insert(at, Some(ty.clone()));
                Some(ty)
            }
        }
    }

    fn names(&self) -> Vec<Name> {
        if !self.session.may_list(self.session.project.visible_count(self.unit)) {
            return Vec::new();
        }
        let is_type = |at: &ItemRef| matches!(self.session.project.item(*at), Some(ast::Item::Type(_)));
        let own = self.session.project.visible(self.unit).into_iter().filter(|(_, at)| is_type(at));
        let own = own.map(|(name, _)| Name::from(name.as_str()));
        own.chain(self.session.registry.domains().map(|it| Name::from(it.name))).collect()
    }

    fn learn(&self, fact: Fact<'_>) {
        self.session.learn(self.unit, fact);
    }

    fn learns(&self) -> bool {
        self.session.index.borrow().is_some()
    }
}
