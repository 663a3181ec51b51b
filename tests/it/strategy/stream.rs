//! Whatever a strategy's rules are, deciding bar by bar is deciding over columns, to the last bit: over windows that grow by a bar,
//! and by states that take one bar after another and see nothing else.

use std::{collections::VecDeque, fmt::Write as _};

use proptest::{prelude::*, sample::select, strategy::Strategy as Gen};
use wf::{
    market::{
        BarSeries, Bits, Numbers, Signals, Target,
        indicators::{Sample, Stream, find},
    },
    source::Diagnostic,
    value::Value,
};

use super::{DAY, bars, make, read, walk};

/// What a rule reads: a number at each bar.
#[derive(Clone, Debug)]
enum Num {
    Price(&'static str),
    Const(u8),
    /// The parameter `p`.
    Param,
    /// An indicator of a series, or of the bars, with the periods that it takes and one of its outputs.
    Call(&'static str, Option<Box<Num>>, Vec<Period>, Option<&'static str>),
    Back(Box<Num>, Period),
    Change(Box<Num>, Period),
    Arith(&'static str, Box<Num>, Box<Num>),
    Neg(Box<Num>),
}

/// A number of bars: as written, or the parameter.
#[derive(Clone, Copy, Debug)]
enum Period {
    Bars(u8),
    Param,
}

#[derive(Clone, Debug)]
enum Truth {
    Compare(&'static str, Num, Num),
    Cross(&'static str, Num, Num),
    Let(usize),
    LetBack(usize, Period),
    Both(&'static str, Box<Truth>, Box<Truth>),
    Not(Box<Truth>),
}

/// A strategy: numbers on the bars or on slower ones, truths made of them, rules made of these, distances of orders.
#[derive(Clone, Debug)]
struct Case {
    param: u8,
    numbers: Vec<(Num, Option<&'static str>)>,
    truths: Vec<(Truth, Option<&'static str>)>,
    rules: [Truth; 4],
    stop: Num,
    limit: Num,
    trail: u8,
}

/// Indicators of a series, each with how many periods it takes and its outputs.
const OF_SERIES: &[(&str, usize, &[&str])] = &[
    ("sma", 1, &[]),
    ("ema", 1, &[]),
    ("wma", 1, &[]),
    ("rsi", 1, &[]),
    ("max", 1, &[]),
    ("min", 1, &[]),
    ("roc", 1, &[]),
    ("stddev", 1, &[]),
    ("bbands", 1, &["upper", "middle", "lower"]),
    ("macd", 3, &["macd", "signal", "histogram"]),
];
/// Indicators of the bars.
const OF_BARS: &[(&str, usize, &[&str])] = &[
    ("atr", 1, &[]),
    ("adx", 1, &[]),
    ("cci", 1, &[]),
    ("willr", 1, &[]),
    ("mfi", 1, &[]),
    ("obv", 0, &[]),
    ("sar", 0, &[]),
    ("cdlengulfing", 0, &[]),
];

fn period() -> impl Gen<Value = Period> {
    prop_oneof![3 => (2_u8..9).prop_map(Period::Bars), 1 => Just(Period::Param)]
}

/// Returns what is the same at every bar.
fn constant() -> impl Gen<Value = Num> {
    prop_oneof![(1_u8..99).prop_map(Num::Const), Just(Num::Param)]
}

fn series() -> impl Gen<Value = Num> {
    let price = select(&["open", "high", "low", "close", "volume"][..]).prop_map(Num::Price);
    let call = |table: &'static [(&str, usize, &[&str])], of: BoxedStrategy<Option<Box<Num>>>| {
        let outputs =
            |it: &'static [&str]| if it.is_empty() { Just(None).boxed() } else { select(it).prop_map(Some).boxed() };
        (select(table), of)
            .prop_flat_map(move |((name, count, outs), of)| {
                (Just(name), Just(of), prop::collection::vec(period(), count), outputs(outs))
            })
            .prop_map(|(name, of, periods, output)| Num::Call(name, of, periods, output))
    };
    let of_bars = call(OF_BARS, Just(None).boxed());
    prop_oneof![3 => price, 1 => of_bars].prop_recursive(3, 12, 2, move |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let right = prop_oneof![2 => boxed(), 1 => constant().prop_map(Box::new)];
        prop_oneof![
            4 => call(OF_SERIES, boxed().prop_map(Some).boxed()),
            2 => (boxed(), period()).prop_map(|(it, n)| Num::Back(it, n)),
            1 => (boxed(), period()).prop_map(|(it, n)| Num::Change(it, n)),
            3 => (select(&["+", "-", "*", "/"][..]), boxed(), right).prop_map(|(op, a, b)| Num::Arith(op, a, b)),
            1 => boxed().prop_map(Num::Neg),
        ]
    })
}

/// Returns truths that may read so many others before them.
fn truth(lets: usize) -> impl Gen<Value = Truth> {
    let right = || prop_oneof![2 => series(), 1 => constant()];
    let compare = (select(&["<", "<=", ">", ">=", "==", "!="][..]), series(), right());
    let cross = (select(&["crosses_above", "crosses_below"][..]), series(), right());
    let own = prop_oneof![
        2 => compare.prop_map(|(op, a, b)| Truth::Compare(op, a, b)),
        2 => cross.prop_map(|(name, a, b)| Truth::Cross(name, a, b)),
    ];
    let leaf = if lets == 0 {
        own.boxed()
    } else {
        let other = (0..lets, prop::option::of(period()));
        let other = other.prop_map(|(at, n)| n.map_or(Truth::Let(at), |n| Truth::LetBack(at, n)));
        prop_oneof![own, other].boxed()
    };
    leaf.prop_recursive(2, 5, 2, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            3 => (select(&["and", "or"][..]), boxed(), boxed()).prop_map(|(op, a, b)| Truth::Both(op, a, b)),
            1 => boxed().prop_map(Truth::Not),
        ]
    })
}

fn case() -> impl Gen<Value = Case> {
    let frame = || prop_oneof![2 => Just(None), 1 => select(&["2d", "1w"][..]).prop_map(Some)];
    let rules = [truth(2), truth(2), truth(2), truth(2)];
    let numbers = prop::collection::vec((series(), frame()), 1..3);
    (2_u8..7, numbers, prop::collection::vec((truth(0), frame()), 2..=2), rules, series(), series(), 1_u8..20).prop_map(
        |(param, numbers, truths, rules, stop, limit, trail)| Case {
            param,
            numbers,
            truths,
            rules,
            stop,
            limit,
            trail,
        },
    )
}

// --- As text.

impl Period {
    fn text(self) -> String {
        match self {
            Self::Bars(it) => it.to_string(),
            Self::Param => "p".into(),
        }
    }

    fn count(self, param: u8) -> usize {
        match self {
            Self::Bars(it) => it.into(),
            Self::Param => param.into(),
        }
    }
}

impl Num {
    fn text(&self) -> String {
        match self {
            Self::Price(name) => (*name).into(),
            Self::Const(it) => it.to_string(),
            Self::Param => "p".into(),
            Self::Call(name, of, periods, output) => {
                let args: Vec<String> =
                    of.iter().map(|it| it.text()).chain(periods.iter().map(|it| it.text())).collect();
                format!("{name}({}){}", args.join(", "), output.map_or(String::new(), |it| format!(".{it}")))
            }
            Self::Back(it, n) => format!("({})[{}]", it.text(), n.text()),
            Self::Change(it, n) => format!("change({}, {})", it.text(), n.text()),
            Self::Arith(op, a, b) => format!("({} {op} {})", a.text(), b.text()),
            Self::Neg(it) => format!("(-({}))", it.text()),
        }
    }
}

impl Truth {
    fn text(&self) -> String {
        match self {
            Self::Compare(op, a, b) => format!("({} {op} {})", a.text(), b.text()),
            Self::Cross(name, a, b) => format!("{name}({}, {})", a.text(), b.text()),
            Self::Let(at) => format!("t{at}"),
            Self::LetBack(at, n) => format!("t{at}[{}]", n.text()),
            Self::Both(op, a, b) => format!("({} {op} {})", a.text(), b.text()),
            Self::Not(it) => format!("(not {})", it.text()),
        }
    }
}

impl Case {
    fn text(&self) -> String {
        let mut text = "strategy s {\n param p: Int in 1..99 = 3\n".to_owned();
        let on = |it: &Option<&str>| it.map_or(String::new(), |it| format!(" on {it}"));
        for (at, (number, frame)) in self.numbers.iter().enumerate() {
            writeln!(text, " let n{at} = {}{}", number.text(), on(frame)).unwrap();
        }
        for (at, (truth, frame)) in self.truths.iter().enumerate() {
            writeln!(text, " let t{at} = {}{}", truth.text(), on(frame)).unwrap();
        }
        let rules = ["enter long", "exit long", "enter short", "exit short"];
        for ((what, rule), at) in rules.iter().zip(&self.rules).zip(0..) {
            writeln!(text, " {what} when {} or n{} > close * p", rule.text(), at % self.numbers.len()).unwrap();
        }
        let (stop, limit) = (self.stop.text(), self.limit.text());
        text + &format!(" orders {{ stop: {stop} limit: {limit} short_limit: {limit} trail: {}% }}\n}}", self.trail)
    }
}

// --- Bar by bar.

/// Numbers that come bar by bar; NaN where there is none.
enum Live {
    Price(&'static str),
    Const(f64),
    Call(Stream, Option<Box<Live>>, usize),
    Back(Box<Live>, VecDeque<f64>, usize, bool),
    Arith(&'static str, Box<Live>, Box<Live>),
    Neg(Box<Live>),
}

fn live(number: &Num, param: u8) -> Live {
    let boxed = |it: &Num| Box::new(live(it, param));
    match number {
        Num::Price(name) => Live::Price(name),
        Num::Const(it) => Live::Const(f64::from(*it)),
        Num::Param => Live::Const(f64::from(param)),
        Num::Call(name, of, periods, output) => {
            let indicator = find(name).unwrap();
            let given: Vec<f64> = periods.iter().map(|it| it.count(param) as f64).collect();
            let place = output.map_or(0, |it| indicator.outputs.iter().position(|one| one.name == it).unwrap());
            Live::Call(indicator.stream(&indicator.parameters(&given).unwrap()), of.as_deref().map(boxed), place)
        }
        Num::Back(it, n) => Live::Back(boxed(it), VecDeque::new(), n.count(param), false),
        Num::Change(it, n) => Live::Back(boxed(it), VecDeque::new(), n.count(param), true),
        Num::Arith(op, a, b) => Live::Arith(op, boxed(a), boxed(b)),
        Num::Neg(it) => Live::Neg(boxed(it)),
    }
}

impl Live {
    fn push(&mut self, bar: &Sample) -> f64 {
        match self {
            Live::Price("open") => bar.open,
            Live::Price("high") => bar.high,
            Live::Price("low") => bar.low,
            Live::Price("close") => bar.close,
            Live::Price(_) => bar.volume,
            Live::Const(it) => *it,
            Live::Call(stream, of, place) => {
                let values = of.as_mut().map_or(bar.close, |it| it.push(bar));
                stream.push(&Sample { values, ..*bar }).map_or(f64::NAN, |it| it[*place])
            }
            Live::Back(it, kept, n, change) => {
                kept.push_back(it.push(bar));
                let then = if kept.len() > *n { kept.pop_front().unwrap() } else { f64::NAN };
                let now = kept.back().copied().unwrap_or(then);
                if *change { now - then } else { then }
            }
            Live::Arith(op, a, b) => {
                let (a, b) = (a.push(bar), b.push(bar));
                match *op {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    _ if (a / b).is_finite() => a / b,
                    _ => f64::NAN,
                }
            }
            Live::Neg(it) => -it.push(bar),
        }
    }
}

/// Truths that come bar by bar.
enum Told {
    Compare(&'static str, Live, Live),
    /// With the two numbers of the bar before.
    Cross(&'static str, Live, Live, (f64, f64)),
    Let(usize),
    LetBack(usize, VecDeque<bool>, usize),
    Both(&'static str, Box<Told>, Box<Told>),
    Not(Box<Told>),
}

fn told(truth: &Truth, param: u8) -> Told {
    let boxed = |it: &Truth| Box::new(told(it, param));
    match truth {
        Truth::Compare(op, a, b) => Told::Compare(op, live(a, param), live(b, param)),
        Truth::Cross(name, a, b) => Told::Cross(name, live(a, param), live(b, param), (f64::NAN, f64::NAN)),
        Truth::Let(at) => Told::Let(*at),
        Truth::LetBack(at, n) => Told::LetBack(*at, VecDeque::new(), n.count(param)),
        Truth::Both(op, a, b) => Told::Both(op, boxed(a), boxed(b)),
        Truth::Not(it) => Told::Not(boxed(it)),
    }
}

impl Told {
    fn push(&mut self, bar: &Sample, lets: &[bool]) -> bool {
        match self {
            Told::Compare(op, a, b) => {
                let (a, b) = (a.push(bar), b.push(bar));
                match *op {
                    "<" => a < b,
                    "<=" => a <= b,
                    ">" => a > b,
                    ">=" => a >= b,
                    "==" => a == b,
                    _ => a.partial_cmp(&b).is_some_and(std::cmp::Ordering::is_ne),
                }
            }
            Told::Cross(name, a, b, before) => {
                let now = (a.push(bar), b.push(bar));
                let was = std::mem::replace(before, now);
                if *name == "crosses_above" { now.0 > now.1 && was.0 <= was.1 } else { now.0 < now.1 && was.0 >= was.1 }
            }
            Told::Let(at) => lets[*at],
            Told::LetBack(at, kept, n) => {
                kept.push_back(lets[*at]);
                kept.len() > *n && kept.pop_front().unwrap()
            }
            // Both sides see the bar, whatever the first says.
            Told::Both("and", a, b) => a.push(bar, lets) & b.push(bar, lets),
            Told::Both(_, a, b) => a.push(bar, lets) | b.push(bar, lets),
            Told::Not(it) => !it.push(bar, lets),
        }
    }
}

/// Something on slower bars: it sees a bar of theirs once it has closed, and keeps what it said then.
struct Slower<T, S> {
    of: T,
    length: i64,
    open: Option<(i64, Sample)>,
    said: S,
}

impl<T, S: Copy> Slower<T, S> {
    fn push(&mut self, time: i64, bar: &Sample, see: impl Fn(&mut T, &Sample) -> S) -> S {
        if self.length == DAY {
            self.said = see(&mut self.of, bar);
            return self.said;
        }
        // Weeks start on Monday; other lengths are counted from 1970.
        let origin = if self.length == 7 * DAY { 4 * DAY } else { 0 };
        let start = (time - origin).div_euclid(self.length) * self.length + origin;
        if let Some((_, whole)) = self.open.take_if(|it| it.0 != start) {
            self.said = see(&mut self.of, &whole);
        }
        let whole = self.open.map_or(*bar, |(_, it)| Sample {
            high: it.high.max(bar.high),
            low: it.low.min(bar.low),
            close: bar.close,
            values: bar.close,
            volume: it.volume + bar.volume,
            ..it
        });
        self.open = Some((start, whole));
        if start + self.length <= time + DAY {
            self.open = None;
            self.said = see(&mut self.of, &whole);
        }
        self.said
    }
}

fn length(frame: Option<&str>) -> i64 {
    match frame {
        None => DAY,
        Some("2d") => 2 * DAY,
        Some(_) => 7 * DAY,
    }
}

/// What is decided at a bar: the four rules, and the bits of stop, limit and trail.
type Decided = ([bool; 4], [u64; 3]);

fn bits(it: f64) -> u64 {
    if it.is_nan() { f64::NAN.to_bits() } else { it.to_bits() }
}

fn streamed(case: &Case, bars: &BarSeries) -> Vec<Decided> {
    let param = case.param;
    let mut numbers: Vec<Slower<Live, f64>> = (case.numbers.iter())
        .map(|(it, frame)| Slower { of: live(it, param), length: length(*frame), open: None, said: f64::NAN })
        .collect();
    let mut truths: Vec<Slower<Told, bool>> = (case.truths.iter())
        .map(|(it, frame)| Slower { of: told(it, param), length: length(*frame), open: None, said: false })
        .collect();
    let mut rules = case.rules.each_ref().map(|it| told(it, param));
    let (mut stop, mut limit) = (live(&case.stop, param), live(&case.limit, param));
    let mut all = Vec::new();
    for bar in 0..bars.len() {
        let close = bars.close[bar];
        let (open, high, low) = (bars.open[bar], bars.high[bar], bars.low[bar]);
        let sample = Sample { values: close, other: low, open, high, low, close, volume: bars.volume[bar] };
        let time = bars.time[bar];
        let numbers: Vec<f64> = numbers.iter_mut().map(|it| it.push(time, &sample, |of, bar| of.push(bar))).collect();
        let lets: Vec<bool> = truths.iter_mut().map(|it| it.push(time, &sample, |of, bar| of.push(bar, &[]))).collect();
        let mut at = 0..;
        let rules = rules.each_mut().map(|it| {
            let other = numbers[at.next().unwrap() % numbers.len()] > close * f64::from(param);
            it.push(&sample, &lets) | other
        });
        let trail = f64::from(case.trail) / 100.0 * close;
        all.push((rules, [stop.push(&sample), limit.push(&sample), trail].map(bits)));
    }
    all
}

fn decided(signals: &Signals, bar: usize) -> Decided {
    let rule = |it: &Bits| it.get(bar);
    let orders = &signals.orders;
    let number = |it: &Option<Numbers>| bits(it.as_ref().unwrap()[bar]);
    assert!(!matches!(orders.target, Some(Target::Distance(_))));
    assert_eq!(bits(orders.long.limit.as_ref().unwrap()[bar]), bits(orders.short.limit.as_ref().unwrap()[bar]));
    let Signals { enter_long, exit_long, enter_short, exit_short, .. } = signals;
    (
        [enter_long, exit_long, enter_short, exit_short].map(rule),
        [number(&orders.stop), number(&orders.long.limit), number(&orders.trail)],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_stream_of_bars_decides_what_the_columns_decide(case in case(), seed in any::<u64>(), length in 60_usize..150) {
        let bars = bars(&walk(seed, length));
        let text = case.text();
        // What the checker takes for a mistake is not run: a stop below nothing, a rule that can never be true.
        prop_assume!(!read(&text).1.iter().any(Diagnostic::is_error));
        let strategy = make(&text, &[("p", Value::Int(case.param.into()))]);
        let whole = strategy.rules.signals(&bars).unwrap();
        let streamed = streamed(&case, &bars);
        for (bar, mut wanted) in streamed.into_iter().enumerate() {
            if bar < whole.warmup {
                wanted.0 = [false; 4];
            }
            prop_assert_eq!(decided(&whole, bar), wanted, "by states, at {} of\n{}", bar, text);
            if bar < 40 || bar % 7 == 0 {
                let window = strategy.rules.signals(&bars.first(bar + 1)).unwrap();
                prop_assert_eq!(decided(&whole, bar), decided(&window, bar), "by windows, at {} of\n{}", bar, text);
                prop_assert_eq!(window.warmup, whole.warmup.min(bar + 1));
            }
        }
    }
}
