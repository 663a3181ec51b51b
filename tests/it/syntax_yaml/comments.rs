//! Comments stay where a person put them.

use super::round_trip::to_yaml;
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
