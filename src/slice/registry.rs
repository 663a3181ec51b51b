//! The catalogue: every slice that a program has, found by name.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use super::{DomainType, Method, Role, Slice};
use crate::value::{Field, Ty, Value};

/// Every slice that a program has. The checker needs nothing else: no network and no data.
#[derive(Clone, Default)]
pub struct Registry {
    slices: BTreeMap<&'static str, Entry>,
    domains: BTreeMap<&'static str, Arc<DomainType>>,
    problems: Vec<String>,
}

#[derive(Clone)]
struct Entry {
    doc: &'static str,
    methods: Vec<Arc<Method>>,
}

/// What is wrong with a registry.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem(pub Vec<String>);

impl Registry {
    /// Returns a registry without slices.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a slice; one of the same name is added to, so that a program may extend the library.
    #[must_use]
    pub fn with(mut self, slice: Slice) -> Self {
        self.problems.extend(slice.problems);
        let entry = self.slices.entry(slice.name).or_insert_with(|| Entry { doc: slice.doc, methods: Vec::new() });
        entry.methods.extend(slice.methods.into_iter().map(Arc::new));
        for domain in slice.domains {
            let name = domain.name;
            if self.domains.insert(name, Arc::new(domain)).is_some() {
                self.problems.push(format!("type `{name}` is registered twice"));
            }
        }
        self
    }

    /// Returns a registry in which these methods stand in the places of those of their names; all else is shared.
    #[must_use]
    pub fn replacing(&self, methods: impl IntoIterator<Item = Method>) -> Self {
        let mut replaced = self.clone();
        for method in methods {
            let entry = replaced.slices.get_mut(method.slice);
            let place = entry.and_then(|it| it.methods.iter_mut().find(|it| it.name == method.name));
            if let Some(place) = place {
                *place = Arc::new(method);
            }
        }
        replaced
    }

    /// Returns the names of all slices, in order.
    pub fn slices(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.slices.keys().copied()
    }

    /// Returns what a slice is for.
    pub fn slice_doc(&self, slice: &str) -> Option<&'static str> {
        self.slices.get(slice).map(|it| it.doc)
    }

    /// Returns the methods of a slice, in the order of their registration.
    pub fn methods(&self, slice: &str) -> &[Arc<Method>] {
        self.slices.get(slice).map_or(&[], |it| &it.methods)
    }

    /// Returns a method by its name or an alias.
    pub fn method(&self, slice: &str, name: &str) -> Option<&Arc<Method>> {
        self.methods(slice).iter().find(|it| it.is_called(name))
    }

    /// Returns every nominal type, by name.
    pub fn domains(&self) -> impl Iterator<Item = &DomainType> {
        self.domains.values().map(|it| &**it)
    }

    /// Returns a nominal type.
    pub fn domain(&self, name: &str) -> Option<&DomainType> {
        self.domains.get(name).map(|it| &**it)
    }

    /// Returns the fields of a record or nominal type; none where it has none.
    pub fn fields<'a>(&'a self, ty: &'a Ty) -> &'a [Field] {
        match ty {
            Ty::Record(fields) => fields,
            Ty::Domain(name) => self.domain(name).map_or(&[], |it| &it.fields),
            _ => &[],
        }
    }

    /// Checks the whole registry: names, documentation, defaults, types.
    ///
    /// # Errors
    /// Every problem found, one line each.
    pub fn validate(&self) -> Result<(), Problem> {
        let mut problems = self.problems.clone();
        for (slice, entry) in &self.slices {
            if entry.doc.is_empty() {
                problems.push(format!("slice `{slice}` has no documentation"));
            }
            let mut seen = BTreeSet::new();
            for method in &entry.methods {
                for name in std::iter::once(&method.name).chain(&method.aliases).chain(&method.deprecated) {
                    if !seen.insert(*name) {
                        problems.push(format!("method `{slice}.{name}` is registered twice"));
                    }
                }
                self.validate_method(method, &mut problems);
            }
        }
        for domain in self.domains.values() {
            if domain.doc.is_empty() {
                problems.push(format!("type `{}` has no documentation", domain.name));
            }
            for field in &domain.fields {
                self.validate_field(&format!("type `{}`", domain.name), field, &mut problems);
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Problem(problems)) }
    }

    fn validate_method(&self, method: &Method, problems: &mut Vec<String>) {
        let path = format!("method `{}`", method.path());
        if method.doc.is_empty() {
            problems.push(format!("{path} has no documentation"));
        }
        for name in
            std::iter::once(&method.slice).chain([&method.name]).chain(&method.aliases).chain(&method.deprecated)
        {
            if !is_snake_case(name) {
                problems.push(format!("{path}: `{name}` is not in lower_snake_case"));
            }
        }
        for name in method.role.into_iter().flat_map(Role::inputs).chain(method.seed).chain(method.fits.map(|it| it.0))
        {
            if method.input(name).is_none() {
                problems.push(format!("{path}: what is said of its input `{name}` is of none that it has"));
            }
        }
        for field in &method.inputs {
            self.validate_field(&path, field, problems);
        }
        self.validate_ty(&path, &method.output, problems);
    }

    fn validate_field(&self, owner: &str, field: &Field, problems: &mut Vec<String>) {
        let owner = format!("{owner}: `{}`", field.name);
        if field.doc.is_empty() {
            problems.push(format!("{owner} has no documentation"));
        }
        if !is_snake_case(&field.name) {
            problems.push(format!("{owner} is not in lower_snake_case"));
        }
        if let Some(error) = field.default.as_ref().and_then(|it: &Value| field.refuses(it)) {
            problems.push(format!("{owner} has an invalid default: {error}"));
        }
        self.validate_ty(&owner, &field.ty, problems);
    }

    fn validate_ty(&self, owner: &str, ty: &Ty, problems: &mut Vec<String>) {
        match ty {
            Ty::Domain(name) if self.domain(name).is_none() => {
                problems.push(format!("{owner}: the type `{name}` is not registered"));
            }
            Ty::List(inner) | Ty::Optional(inner) | Ty::Range(inner) | Ty::Series(inner) | Ty::Stream(inner) => {
                self.validate_ty(owner, inner, problems);
            }
            Ty::Union(cases) => cases.iter().for_each(|it| self.validate_ty(owner, it, problems)),
            Ty::Record(fields) => fields.iter().for_each(|it| self.validate_ty(owner, &it.ty, problems)),
            _ => {}
        }
    }
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problem {}
