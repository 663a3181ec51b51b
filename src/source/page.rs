//! The pages of the checks, as Markdown: what each finds, why it matters, what fails and what passes.

use super::{Allow, Code, Remedy};

/// The groups of checks by the first letter of their codes.
const GROUPS: &[(&str, &str)] = &[
    ("S", "Syntax"),
    ("N", "Names"),
    ("T", "Types and units"),
    ("G", "Graph"),
    ("P", "Policy and safety"),
    ("B", "Trading"),
    ("E", "Tests of workflows"),
    ("F", "Style"),
];

impl Code {
    /// Returns the page of the check.
    pub fn page(self) -> String {
        format!("# {self}: {}\n\n{}\n\n{}", self.title(), self.facts(), self.text())
    }

    /// Returns what the check finds, in one paragraph.
    pub fn summary(self) -> String {
        self.text().split("\n\n").next().unwrap_or_default().replace('\n', " ")
    }

    /// Returns the name of its place in the page of all checks, as in `wf-t009`.
    pub fn anchor(self) -> String {
        self.as_str().to_ascii_lowercase()
    }

    /// Returns how bad a finding is, whether it can be mended by itself and where it can be allowed.
    fn facts(self) -> String {
        let fix = match self.remedy() {
            Remedy::None => "There is no fix to apply.",
            Remedy::Review => "A fix is offered for review where one is known.",
            Remedy::Safe => "A fix is offered, and where it is certain `wf check --fix` applies it.",
        };
        let allow = match self.allow() {
            Allow::File => {
                format!("Where it is meant, write\n`# wf: allow({self}) reason` on its line or the line above.")
            }
            Allow::Policy => format!(
                "It cannot be allowed in a\nworkflow file; who owns the policy allows it in wf.yaml, as in\n`allow: {{{self}: reason}}`."
            ),
            Allow::Never => "It cannot be allowed:\nwhat it reports cannot run.".to_owned(),
        };
        let severity = self.severity().as_str();
        let mut letters = severity.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        let severity: String = first.into_iter().chain(letters).collect();
        format!("{severity}. {fix} {allow}")
    }
}

/// Returns the page of all checks: a table of each group, then every page.
pub fn all_pages() -> String {
    let mut text = "# Checks\n\n<!-- Written by `wf explain --write`; the text of a check is in checks/. -->\n\n\
        What `wf check` finds, and what to do about it. `wf explain WF-T009` prints the page of one check.\n\n\
        A finding that is meant is allowed by a comment with the reason, on its line or the line above: \
        `# wf: allow(WF-B007) gross figures`.\n\
        What the policy of the house forbids is allowed only by who owns wf.yaml, there: \
        `allow: {WF-P005: \"…\"}`.\n\n\
        *Fix*: `safe` is applied by `wf check --fix`, at least where there is no doubt; `review` is offered and left to you.\n\
        *Allowed*: where `allow` may say that a finding is meant, in the `file` or only in `wf.yaml`.\n"
        .to_owned();
    for (letter, title) in GROUPS {
        text +=
            &format!("\n## {title}\n\n| Code | Severity | What it finds | Fix | Allowed |\n|---|---|---|---|---|\n");
        for code in group(letter) {
            let fix = match code.remedy() {
                Remedy::None => "",
                Remedy::Review => "review",
                Remedy::Safe => "safe",
            };
            let allow = match code.allow() {
                Allow::File => "file",
                Allow::Policy => "wf.yaml",
                Allow::Never => "",
            };
            let (severity, title) = (code.severity().as_str(), code.title());
            text += &format!("| [{code}](#{}) | {severity} | {title} | {fix} | {allow} |\n", code.anchor());
        }
    }
    for code in GROUPS.iter().flat_map(|(letter, _)| group(letter)) {
        let below = code.text().replace("\n## ", "\n#### ");
        text += &format!("\n### {code}\n\n**{}**\n\n{}\n\n{below}", code.title(), code.facts());
    }
    text
}

fn group(letter: &str) -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(move |it| it.short().starts_with(letter))
}
