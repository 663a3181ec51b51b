//! What the files declare, and what their imports bring in: read from the trees.

use super::{Decl, DeclKind, Target};
use crate::{
    check::load::{ItemRef, Project, name_of},
    source::Span,
    syntax::ast::{self, ArmBody, Block, ClauseKind, Item, Rhs, Stmt, TestStmt, UseWhat},
    value::Field,
};

/// Returns the place of the name of a param of a workflow or strategy.
pub(super) fn param_of(project: &Project, at: ItemRef, name: &str) -> Option<Span> {
    let body = match project.item(at)? {
        Item::Workflow(it) => &it.body,
        Item::Strategy(it) => &it.body,
        _ => return None,
    };
    body.stmts.iter().find_map(|it| match it {
        Stmt::Param(it) if *it.name.text == *name => Some(it.name.span),
        _ => None,
    })
}

/// Returns what imports refer to: files, and what is declared there.
pub(super) fn imports(project: &Project) -> Vec<(Span, Target)> {
    let mut found = Vec::new();
    for unit in &project.units {
        for (item, it) in unit.file.items.iter().enumerate() {
            let Item::Use(it) = it else { continue };
            let Some((_, to)) = unit.opened.iter().find(|(at, _)| *at == item) else { continue };
            let Some(target) = project.units.get(*to) else { continue };
            found.push((it.path_span, Target::File(target.file.id)));
            let UseWhat::Names(names) = &it.what else { continue };
            for name in names {
                let theirs = target.file.items.iter().filter_map(name_of).find(|it| it.text == name.text);
                found.extend(theirs.map(|it| (name.span, Target::Declared(it.span))));
            }
        }
    }
    found
}

/// Returns everything that the files declare, by the place of its name.
pub(super) fn all(project: &Project) -> Vec<Decl> {
    let mut decls = Vec::new();
    for item in project.units.iter().flat_map(|it| &it.file.items) {
        match item {
            Item::Workflow(it) => {
                let mut decl = decl(&it.name, it.span, DeclKind::Workflow, it.doc.as_ref());
                decl.params = params(&it.body);
                decls.push(decl);
                block(&it.body, &mut decls);
            }
            Item::Strategy(it) => {
                let mut decl = decl(&it.name, it.span, DeclKind::Strategy, it.doc.as_ref());
                decl.params = params(&it.body);
                decls.push(decl);
                block(&it.body, &mut decls);
            }
            Item::Type(it) => decls.push(decl(&it.name, it.span, DeclKind::Type, it.doc.as_ref())),
            Item::Use(it) => {
                if let UseWhat::As(name) = &it.what {
                    decls.push(decl(name, it.span, DeclKind::Namespace, None));
                }
            }
            Item::Test(it) => {
                let name = ast::Name { text: it.name.clone(), span: it.name_span };
                decls.push(decl(&name, it.span, DeclKind::Test, None));
                for stmt in &it.stmts {
                    if let TestStmt::Let(it) = stmt {
                        decls.push(decl(&it.name, it.span, DeclKind::Let, None));
                    }
                }
            }
            Item::Bad(_) => {}
        }
    }
    decls.sort_by_key(|it| it.span);
    decls
}

fn decl(name: &ast::Name, whole: Span, kind: DeclKind, doc: Option<&std::sync::Arc<str>>) -> Decl {
    let (name, span) = (name.text.clone(), name.span);
    Decl { name, span, whole, kind, ty: None, doc: doc.cloned(), params: Vec::new() }
}

fn params(block: &Block) -> Vec<Field> {
    let param = |it: &Stmt| match it {
        Stmt::Param(it) => {
            Some(Field::new(it.name.text.clone(), crate::value::Ty::Unknown, it.doc.clone().unwrap_or_default()))
        }
        _ => None,
    };
    block.stmts.iter().filter_map(param).collect()
}

fn block(it: &Block, decls: &mut Vec<Decl>) {
    for stmt in &it.stmts {
        match stmt {
            Stmt::Param(it) => decls.push(decl(&it.name, it.span, DeclKind::Param, it.doc.as_ref())),
            Stmt::Let(it) => decls.push(decl(&it.name, it.span, DeclKind::Let, None)),
            Stmt::Output { name, span, .. } => decls.push(decl(name, *span, DeclKind::Output, None)),
            Stmt::Step(it) => {
                decls.push(decl(&it.name, it.span, DeclKind::Step, it.doc.as_ref()));
                rhs(&it.rhs, decls);
                for clause in &it.clauses {
                    if let ClauseKind::Else(it) = &clause.kind {
                        rhs(it, decls);
                    }
                }
            }
            Stmt::On(it) => {
                decls.push(decl(&it.var, it.span, DeclKind::Var, None));
                if let Some(batch) = &it.batch {
                    decls.push(decl(&batch.name, batch.span, DeclKind::Var, None));
                }
                block(&it.body, decls);
            }
            _ => {}
        }
    }
}

fn rhs(it: &Rhs, decls: &mut Vec<Decl>) {
    match it {
        Rhs::Expr(_) => {}
        Rhs::For(it) => {
            decls.push(decl(&it.var, it.span, DeclKind::Var, None));
            block(&it.body, decls);
        }
        Rhs::Match(it) => {
            for arm in &it.arms {
                if let ArmBody::Block(it) = &arm.body {
                    block(it, decls);
                }
            }
        }
    }
}
