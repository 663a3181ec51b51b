//! The shape of a file: what can be folded, and what is around a place.

use lsp_types::{FoldingRange, FoldingRangeKind, FoldingRangeParams, SelectionRange, SelectionRangeParams};

use super::{
    Answer,
    state::{Analysis, State},
};
use crate::{
    source::Span,
    syntax::ast::{Arm, ArmBody, Block, ClauseKind, Item, Rhs, Stmt},
};

/// Returns what can be folded: everything with braces, runs of comments and of imports.
pub(super) fn folding(state: &mut State<'_>, params: FoldingRangeParams) -> Answer<Option<Vec<FoldingRange>>> {
    let Some(analysis) = state.of(&params.text_document.uri) else { return Ok(None) };
    let mut spans: Vec<(Span, Option<FoldingRangeKind>)> = around(&analysis).into_iter().map(|it| (it, None)).collect();
    let file = analysis.file();
    let comments = file.map_or(&[][..], |it| &it.comments).iter().filter(|it| !it.trailing).map(|it| it.span);
    spans.extend(runs(&analysis, comments).into_iter().map(|it| (it, Some(FoldingRangeKind::Comment))));
    let uses = file.map_or(&[][..], |it| &it.items).iter().filter_map(|it| match it {
        Item::Use(it) => Some(it.span),
        _ => None,
    });
    spans.extend(runs(&analysis, uses).into_iter().map(|it| (it, Some(FoldingRangeKind::Imports))));
    let Some(source) = analysis.source() else { return Ok(None) };
    let fold = |(span, kind): (Span, Option<FoldingRangeKind>)| {
        let range = state.encoding.range(source, span);
        // The line of the closing brace stays in sight.
        let closes = source.slice(span).ends_with('}');
        let end = if closes { range.end.line.saturating_sub(1) } else { range.end.line };
        (end > range.start.line).then(|| FoldingRange {
            start_line: range.start.line,
            end_line: end,
            kind,
            ..FoldingRange::default()
        })
    };
    let mut folds: Vec<FoldingRange> = spans.into_iter().filter_map(fold).collect();
    folds.sort_by_key(|it| (it.start_line, std::cmp::Reverse(it.end_line)));
    folds.dedup_by_key(|it| it.start_line);
    Ok(Some(folds))
}

/// Returns the places of things that follow one another line by line, each run as one.
fn runs(analysis: &Analysis, spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let Some(source) = analysis.source() else { return Vec::new() };
    let mut runs: Vec<Span> = Vec::new();
    for span in spans {
        let next = |last: &Span| source.line_column(last.end).line + 1 == source.line_column(span.start).line;
        match runs.last_mut() {
            Some(last) if next(last) => *last = last.to(span),
            _ => runs.push(span),
        }
    }
    runs
}

/// Returns, for each position, what is around it: the word, the expressions, the statements, the items, the file.
pub(super) fn selection(state: &mut State<'_>, params: SelectionRangeParams) -> Answer<Option<Vec<SelectionRange>>> {
    let Some(analysis) = state.of(&params.text_document.uri) else { return Ok(None) };
    let Some(source) = analysis.source() else { return Ok(None) };
    let mut spans = around(&analysis);
    let own = |it: &Span| it.file == analysis.root;
    spans.extend(analysis.index.typed.iter().map(|it| it.span).filter(own));
    spans.extend(analysis.index.calls.iter().filter_map(|it| it.args).filter(own));
    spans.extend(analysis.index.refs.iter().map(|it| it.span).filter(own));
    spans.extend(analysis.index.decls.iter().flat_map(|it| [it.span, it.whole]).filter(own));
    spans.push(Span::new(analysis.root, 0, source.text().len()));
    let of = |position| {
        let at = state.encoding.offset(source, position);
        let mut own: Vec<Span> = spans.iter().filter(|it| it.start <= at && at <= it.end).copied().collect();
        own.sort_by_key(|it| std::cmp::Reverse((it.end - it.start, it.start)));
        own.dedup();
        let mut outer: Option<SelectionRange> = None;
        let mut last: Option<Span> = None;
        for span in own {
            // Each must be around the next.
            if last.is_none_or(|it| it.start <= span.start && span.end <= it.end) {
                last = Some(span);
                outer = Some(SelectionRange { range: state.encoding.range(source, span), parent: outer.map(Box::new) });
            }
        }
        outer.unwrap_or(SelectionRange { range: lsp_types::Range::new(position, position), parent: None })
    };
    Ok(Some(params.positions.into_iter().map(of).collect()))
}

/// Returns the places of items, statements, bodies and arms.
fn around(analysis: &Analysis) -> Vec<Span> {
    let mut spans = Vec::new();
    for item in analysis.file().map_or(&[][..], |it| &it.items) {
        match item {
            Item::Workflow(it) => {
                spans.push(it.span);
                block(&it.body, &mut spans);
            }
            Item::Strategy(it) => {
                spans.push(it.span);
                block(&it.body, &mut spans);
            }
            Item::Test(it) => {
                spans.push(it.span);
                spans.extend(it.stmts.iter().map(|it| it.span()));
            }
            Item::Type(it) => spans.push(it.span),
            Item::Use(it) => spans.push(it.span),
            Item::Bad(_) => {}
        }
    }
    spans
}

fn block(it: &Block, spans: &mut Vec<Span>) {
    for stmt in &it.stmts {
        spans.push(stmt.span());
        match stmt {
            Stmt::Step(it) => {
                rhs(&it.rhs, spans);
                for clause in &it.clauses {
                    spans.push(clause.span);
                    if let ClauseKind::Else(it) = &clause.kind {
                        rhs(it, spans);
                    }
                }
            }
            Stmt::On(it) => block(&it.body, spans),
            _ => {}
        }
    }
}

fn rhs(it: &Rhs, spans: &mut Vec<Span>) {
    match it {
        Rhs::Expr(it) => spans.push(it.span),
        Rhs::For(it) => {
            spans.push(it.span);
            block(&it.body, spans);
        }
        Rhs::Match(it) => {
            spans.push(it.span);
            it.arms.iter().for_each(|it| arm(it, spans));
        }
    }
}

fn arm(it: &Arm, spans: &mut Vec<Span>) {
    spans.push(it.span);
    if let ArmBody::Block(it) = &it.body {
        block(it, spans);
    }
}
