//! Comments stay where a person put them.

use super::round_trip::{to_wf_text, to_yaml};
use super::same_tree::{read, shape};

#[test]
fn of_yaml_stay_in_place() {
    let text = "\
# on top

# above the workflow
w: # beside it
  # above the section
  steps:
    # above the step
    - a: {slice: a, method: b} # beside the step

    - loop:
        for: x
        in: $xs # the list
        steps: # beside the section
          - b: {slice: a, method: b}
          # at the end of the loop
        # above the clause
        tolerate: 5%
    # at the end of the steps

  outputs:
    r: $a
  # at the end of the workflow

# at the end
";
    assert_eq!(to_yaml("a.yaml", text), text);
}

#[test]
fn of_wf_stay_with_their_statements() {
    let text = "\
# on top
## doc
workflow w { # beside it
  # above the params
  param n: Int = 1
  param m: Int = 2 # beside the param
  # above the step
  step a = a.b(
    # above the argument
    x: 1, # beside it
    y: 2
  )
    # above the clause
    timeout 5s # beside the clause
  step l = for x in xs {
    step b = a.b
    # at the end of the loop
  }
  limits {
    max_position: 1% # beside the limit
    # at the end of the limits
  }
  # at the end of the workflow
}
# at the end
";
    let yaml = to_yaml("a.wf", text);
    let want = "\
# on top
## doc
w: # beside it
  params:
    # above the params
    n: {type: Int, default: 1}
    m: {type: Int, default: 2} # beside the param
  steps:
    # above the step
    - a:
        slice: a
        method: b
        with:
          # above the argument
          x: 1 # beside it
          y: 2
        # above the clause
        timeout: 5s # beside the clause
    - l:
        for: x
        in: $xs
        steps:
          - b: {slice: a, method: b}
          # at the end of the loop
  limits:
    max_position: 1% # beside the limit
    # at the end of the limits
  # at the end of the workflow
# at the end
";
    assert_eq!(yaml, want);
    assert_eq!(shape(&read("a.wf", text)), shape(&read("a.yaml", &yaml)));
    assert_eq!(to_yaml("a.yaml", &yaml), yaml);
}

/// Sees that a canonical text comes back from YAML as it was, and that both are stable.
fn comes_back(text: &str) {
    assert_eq!(to_wf_text("a.wf", text), text, "not canonical");
    let yaml = to_yaml("a.wf", text);
    assert_eq!(to_yaml("a.yaml", &yaml), yaml, "from:\n{text}");
    assert_eq!(to_wf_text("a.yaml", &yaml), text, "by way of:\n{yaml}");
}

#[test]
fn behind_brackets_come_back() {
    comes_back(
        "workflow w {
  limits { # open
    # above
    max_position: 1% # beside

    # last
  } # behind
  step l = for x in xs { # open
    step b = a.b(x: [1, 2])
    # last
  } # behind
    # above the clause
    else f( # open
      x: [ # list
        1, # one
        # last
      ], # behind the list
      y: { a: 1 },
    ) # behind the call
  step m = match mode { # open
    # above the arm
    \"a\" => { # arm
      step c = b.c
      yield 1
    } # behind the arm
    _ => none # beside
    # last
  } # behind
}
",
    );
}

#[test]
fn in_empty_blocks_come_back() {
    comes_back(
        "strategy s {
  orders {
    # alone
  }
}

workflow w { # beside
  # alone
}

workflow v {
  step a = for x in f(a, 1) {
    # alone
  } # behind
    else for x in xs {
      # alone
    }
    else match m {} # beside
}

test \"t\" {
  # alone
}
",
    );
}

#[test]
fn last_in_a_value_and_in_its_block_come_back() {
    comes_back(
        "workflow w {
  step a = for x in xs {
    step b = for y in ys {
      step c = d.e
      yield [
        1,
        2,
        # last in the list
      ]
    }
    yield {
      b: b,
      # last in the record
    }
    # last in the block
  }
}
",
    );
}

#[test]
fn of_a_param_that_is_broken_over_lines_come_back() {
    comes_back(
        "workflow w {
  ## doc
  # plain
  param p: { # type
    a: Int, # a
    # last
  } in [ # within
    1,
  ] = { # default
    a: 1,
  } # behind
}
",
    );
}

#[test]
fn without_a_place_in_yaml_stay_near() {
    let yaml = |text: &str| {
        let yaml = to_yaml("a.wf", text);
        assert_eq!(to_yaml("a.yaml", &yaml), yaml);
        yaml
    };
    // Inside an expression.
    assert_eq!(
        yaml("workflow w {\n  step a = b.c(\n    x: f(\n      1, # one\n    ),\n  )\n}\n"),
        "w:\n  steps:\n    - a:\n        slice: b\n        method: c\n        with:\n          # one\n          x: $f(1)\n"
    );
    // Behind the last brace of an item.
    assert_eq!(
        yaml("workflow w {\n  step a = b.c\n} # end\n"),
        "w:\n  steps:\n    - a: {slice: b, method: c}\n  # end\n"
    );
    // Behind the brace of a block that has only a `yield`.
    assert_eq!(
        yaml("workflow w {\n  step a = for x in xs { # open\n    yield x\n  }\n}\n"),
        "w:\n  steps:\n    - a:\n        for: x\n        in: $xs\n        # open\n        yield: $x\n"
    );
}

#[test]
fn of_sections_stay_in_yaml() {
    let text = "\
s:
  params:
    n: {type: Int} # beside
    # at the end of the section

  # above the section
  steps: # beside the section
    - a: # behind
        slice: b # behind a key
        # above a key
        method: c
        with: {x: 1}
";
    assert_eq!(to_yaml("a.yaml", text), text);
}
