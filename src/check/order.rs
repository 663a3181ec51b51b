//! In which order the statements of a body are resolved: what a statement names comes first, else the file decides.

use std::collections::{HashMap, HashSet};

use crate::{
    slice::Registry,
    source::Span,
    syntax::ast::{self, ArgKind, ArmBody, Block, ClauseKind, Expr, ExprKind, Rhs, Stmt},
    value::Name,
};

/// A value that is named above the statement that declares it.
pub(super) struct Early {
    pub name: Name,
    /// Where it is named.
    pub span: Span,
    /// The statement that names it.
    pub at: usize,
    /// The statement that declares it.
    pub declared: usize,
    /// Whether that one names nothing else that is declared below.
    pub movable: bool,
}

/// Returns the indices of the statements, each after those that declare what it names, and what is named too early.
/// Where statements name each other in a circle, the file decides; the graph reports it.
pub(super) fn by_reference(stmts: &[Stmt], registry: &Registry) -> (Vec<usize>, Vec<Early>) {
    let mut declared: HashMap<&str, usize> = HashMap::new();
    for (at, stmt) in stmts.iter().enumerate() {
        if let Stmt::Step(ast::Step { name, .. }) | Stmt::Let(ast::Let { name, .. }) = stmt {
            declared.entry(&name.text).or_insert(at);
        }
    }
    let mut early: Vec<Early> = Vec::new();
    let needs: Vec<Vec<usize>> = (stmts.iter().enumerate())
        .map(|(at, stmt)| {
            let mut refs = Refs { registry, hidden: Vec::new(), found: Vec::new(), all: false };
            refs.stmt(stmt);
            let acts = matches!(stmt, Stmt::Let(_) | Stmt::Step(_) | Stmt::On(_));
            let below = |name: &Name| declared.get(&**name).copied().filter(|it| acts && *it > at);
            for (name, span) in &refs.found {
                let Some(declared) = below(name) else { continue };
                if !early.iter().any(|it| it.declared == declared) {
                    early.push(Early { name: name.clone(), span: *span, at, declared, movable: false });
                }
            }
            let mut needs: Vec<usize> =
                refs.found.iter().filter_map(|(name, _)| declared.get(&**name).copied()).collect();
            needs.sort_unstable();
            needs.dedup();
            needs
        })
        .collect();
    let mut order = Vec::with_capacity(stmts.len());
    let mut seen = vec![false; stmts.len()];
    for start in 0..stmts.len() {
        let mut stack = vec![(start, 0)];
        while let Some((at, next)) = stack.pop() {
            if next == 0 && std::mem::replace(seen.get_mut(at).unwrap_or(&mut false), true) {
                continue;
            }
            match needs.get(at).and_then(|it| it.get(next)) {
                Some(&need) => {
                    stack.push((at, next + 1));
                    if !seen.get(need).copied().unwrap_or(true) {
                        stack.push((need, 0));
                    }
                }
                None => order.push(at),
            }
        }
    }
    for it in &mut early {
        it.movable = needs.get(it.declared).is_some_and(|needs| needs.iter().all(|need| *need < it.at));
    }
    (order, early)
}

/// Returns where a statement first names `name`.
pub(super) fn mention(stmt: &Stmt, name: &str, registry: &Registry) -> Option<Span> {
    let mut refs = Refs { registry, hidden: Vec::new(), found: Vec::new(), all: false };
    refs.stmt(stmt);
    refs.found.iter().find(|(it, _)| **it == *name).map(|(_, span)| *span)
}

struct Refs<'a> {
    registry: &'a Registry,
    /// The names that bodies inside declare for themselves.
    hidden: Vec<HashSet<Name>>,
    found: Vec<(Name, Span)>,
    /// Whether hidden names count: no value hides what is called.
    all: bool,
}

impl Refs<'_> {
    fn name(&mut self, name: &ast::Name) {
        if self.all || !self.hidden.iter().any(|it| it.contains(&name.text)) {
            self.found.push((name.text.clone(), name.span));
        }
    }

    fn within(&mut self, vars: &[&ast::Name], block: &Block, and: impl FnOnce(&mut Self)) {
        let mut names: HashSet<Name> = vars.iter().map(|it| it.text.clone()).collect();
        for stmt in &block.stmts {
            if let Stmt::Step(ast::Step { name, .. }) | Stmt::Let(ast::Let { name, .. }) = stmt {
                names.insert(name.text.clone());
            }
        }
        self.hidden.push(names);
        and(self);
        block.stmts.iter().for_each(|it| self.stmt(it));
        self.hidden.pop();
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let(it) => self.expr(&it.value),
            Stmt::Step(it) => {
                self.rhs(&it.rhs);
                it.clauses.iter().for_each(|it| self.clause(&it.kind));
            }
            Stmt::On(it) => {
                self.expr(&it.stream);
                let mut vars = vec![&it.var];
                vars.extend(it.batch.as_ref().map(|it| &it.name));
                self.within(&vars, &it.body, |this| {
                    this.maybe(it.filter.as_ref());
                    if let Some(batch) = &it.batch {
                        this.maybe(batch.by.as_ref());
                    }
                });
                if let Some(batch) = &it.batch {
                    self.expr(&batch.every);
                    self.maybe(batch.max.as_ref());
                }
            }
            Stmt::Output { value, .. } | Stmt::Yield { value, .. } | Stmt::Deadline { value, .. } => self.expr(value),
            Stmt::Modes { .. } | Stmt::Param(_) | Stmt::Limits(_) | Stmt::Rule(_) | Stmt::Orders(_) | Stmt::Bad(_) => {}
        }
    }

    fn rhs(&mut self, rhs: &Rhs) {
        match rhs {
            Rhs::Expr(it) => self.call(it),
            Rhs::For(it) => {
                self.expr(&it.list);
                self.maybe(it.parallel.as_ref());
                self.within(&[&it.var], &it.body, |this| this.maybe(it.filter.as_ref()));
            }
            Rhs::Match(it) => {
                self.expr(&it.on);
                for arm in &it.arms {
                    match &arm.body {
                        ArmBody::Expr(it) => self.call(it),
                        ArmBody::Block(it) => self.within(&[], it, |_| {}),
                    }
                }
            }
        }
    }

    fn clause(&mut self, clause: &ClauseKind) {
        match clause {
            ClauseKind::When(it)
            | ClauseKind::Timeout(it)
            | ClauseKind::Every(it)
            | ClauseKind::Cache(it)
            | ClauseKind::Tolerate(it) => self.expr(it),
            ClauseKind::After(names) => names.iter().for_each(|it| self.name(it)),
            ClauseKind::Retry { max, backoff } => {
                self.expr(max);
                self.maybe(backoff.as_ref());
            }
            ClauseKind::Else(it) => self.rhs(it),
            ClauseKind::Accept(_) | ClauseKind::Bad => {}
        }
    }

    /// Looks at a place where `slice.method` may stand: the slice is no value.
    fn call(&mut self, expr: &Expr) {
        let (head, args) = match &expr.kind {
            ExprKind::Call { callee, args, .. } => (&**callee, args.as_slice()),
            _ => (expr, &[][..]),
        };
        match &head.kind {
            ExprKind::Field(slice, method) if self.is_method(slice, &method.text) => {}
            _ => self.expr(head),
        }
        args.iter().for_each(|it| self.arg(&it.kind));
    }

    fn is_method(&self, slice: &Expr, method: &str) -> bool {
        matches!(&slice.kind, ExprKind::Ref(it) if self.registry.method(&it.text, method).is_some())
    }

    fn maybe(&mut self, expr: Option<&Expr>) {
        if let Some(it) = expr {
            self.expr(it);
        }
    }

    fn arg(&mut self, arg: &ArgKind) {
        match arg {
            ArgKind::Named(_, it) | ArgKind::Positional(it) | ArgKind::Spread(it) => self.expr(it),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Ref(it) => self.name(it),
            ExprKind::Field(it, _) | ExprKind::Unary(_, it) | ExprKind::Paren(it) => self.expr(it),
            ExprKind::Index(a, b) | ExprKind::Binary { left: a, right: b, .. } => {
                self.expr(a);
                self.expr(b);
            }
            ExprKind::Call { callee, args, .. } => {
                self.expr(callee);
                args.iter().for_each(|it| self.arg(&it.kind));
            }
            ExprKind::List(items) => items.iter().for_each(|it| self.expr(it)),
            ExprKind::Record(fields) => fields.iter().for_each(|it| self.arg(&it.kind)),
            ExprKind::Literal { .. } | ExprKind::Text(_) | ExprKind::Bad => {}
        }
    }
}

/// Returns the names of the workflows of a file that its steps call.
pub(super) fn called(file: &ast::File) -> HashSet<Name> {
    let own: HashSet<&Name> = (file.items.iter())
        .filter_map(|it| if let ast::Item::Workflow(it) = it { Some(&it.name.text) } else { None })
        .collect();
    let registry = Registry::new();
    let mut found = HashSet::new();
    for item in &file.items {
        if let ast::Item::Workflow(it) = item {
            let mut refs = Refs { registry: &registry, hidden: Vec::new(), found: Vec::new(), all: true };
            it.body.stmts.iter().for_each(|it| refs.stmt(it));
            let names = refs.found.into_iter().map(|(name, _)| name);
            found.extend(names.filter(|name| own.contains(name) && *name != it.name.text));
        }
    }
    found
}
