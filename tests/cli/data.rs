//! `wf data`: what is imported comes out again, twice is once, and contradictions are said.

use super::support::Folder;

const DAYS: &str = "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,10.1,12,9,11,5.5,100\n2024-01-03,11,13.25,10,12,6,200\n\
    2024-01-05,12,13,11,12.5,6.25,300\n";
const SETTINGS: &str = "data: {source: \"catalogue:prices\", calendar: XNYS}\n";

#[test]
fn what_is_imported_comes_out_again() {
    let folder = Folder::new().with("AAPL.csv", DAYS).with("wf.yaml", SETTINGS);
    let first = folder.wf(&["data", "import", "AAPL.csv"]).ends(0).out;
    assert!(first.starts_with("AAPL 1d: 3 bars added, 0 replaced, 0 already there\n"), "{first}");
    assert!(first.contains("1 bars of the calendar XNYS are missing"), "{first}");
    let stored = folder.0.join("prices/symbol=AAPL/timeframe=1d/bars.parquet");
    let before = (std::fs::read(&stored).unwrap(), std::fs::metadata(&stored).unwrap().modified().unwrap());
    let again = folder.wf(&["data", "import", "AAPL.csv"]).ends(0).out;
    assert!(again.starts_with("AAPL 1d: 0 bars added, 0 replaced, 3 already there\n"), "{again}");
    assert_eq!(before, (std::fs::read(&stored).unwrap(), std::fs::metadata(&stored).unwrap().modified().unwrap()));

    let listed = folder.wf(&["data", "list", "--format", "json"]).ends(0).json();
    assert_eq!((listed[0]["bars"].as_u64(), listed[0]["end"].as_str()), (Some(3), Some("2024-01-05")));
    assert!(folder.wf(&["data", "list"]).ends(0).out.contains("2024-01-02..2024-01-05"));
    let said = folder.wf(&["data", "describe", "AAPL", "--format", "json"]).ends(0).json();
    assert_eq!((said["quality"]["expected"].as_u64(), said["quality"]["missing"].as_u64()), (Some(4), Some(1)));
    assert_eq!(said["quality"]["findings"][0]["first"][0].as_str(), Some("2024-01-03..2024-01-05"));
    assert!(
        folder.wf(&["data", "describe", "AAPL"]).ends(0).out.contains("1 of the 4 bars that the calendar XNYS expects")
    );

    for name in ["out.csv", "out.parquet", "out.arrow", "out.feather"] {
        folder.wf(&["data", "export", "AAPL", "--to", name]).ends(0);
        let back = folder.wf(&["data", "import", name, "--catalogue", "other"]).ends(0).out;
        let added = if name == "out.csv" {
            "3 bars added, 0 replaced, 0 already"
        } else {
            "0 bars added, 0 replaced, 3 already"
        };
        assert!(back.starts_with(&format!("AAPL 1d: {added} there\n")), "{name}: {back}");
    }
    let text = "symbol,date,open,high,low,close,volume,adj_close\nAAPL,2024-01-02,10.1,12,9,11,100,5.5\n";
    assert!(folder.text("out.csv").starts_with(text), "{}", folder.text("out.csv"));
    folder.wf(&["data", "export", "AAPL", "--to", "month.csv", "--timeframe", "1mo", "--adjust", "all"]).ends(0);
    assert!(
        folder.text("month.csv").ends_with("\nAAPL,2024-01-01,5.05,6.625,4.5,6.25,600\n"),
        "{}",
        folder.text("month.csv")
    );
    let refused = folder.wf(&["data", "export", "AAPL", "--to", "out.xls"]).ends(2).err;
    assert!(refused.contains("let its name end in `.csv`, `.parquet`, `.arrow` or `.feather`"), "{refused}");
}

#[test]
fn overlapping_imports_merge_and_contradictions_are_said() {
    let header = "date,open,high,low,close,volume\n";
    let more = format!("{header}2024-01-03,2,2,2,2,20\n2024-01-04,3,3,3,3,30\n");
    let other = format!("{header}2024-01-03,2,2,2,2,20\n2024-01-04,4,4,4,4,30\n");
    let folder = Folder::new()
        .with("a/X.csv", format!("{header}2024-01-02,1,1,1,1,10\n2024-01-03,2,2,2,2,20\n"))
        .with("b/X.csv", more)
        .with("c/X.csv", other);
    folder.wf(&["data", "import", "a"]).ends(0);
    assert!(
        folder.wf(&["data", "import", "b"]).ends(0).out.starts_with("X 1d: 1 bars added, 0 replaced, 1 already there")
    );
    let refused = folder.wf(&["data", "import", "c"]).ends(2).err;
    assert!(
        refused.contains(
            "1 bars have other figures than in the catalogue: 2024-01-04 closed at 3, now 4; nothing of it was"
        ),
        "{refused}"
    );
    assert!(
        folder
            .wf(&["data", "import", "c", "--replace"])
            .ends(0)
            .out
            .starts_with("X 1d: 0 bars added, 1 replaced, 1 al")
    );
    folder.wf(&["data", "export", "X", "--to", "x.csv", "--period", "2024-01-03..2024-01-31"]).ends(0);
    assert_eq!(
        folder.text("x.csv"),
        "symbol,date,open,high,low,close,volume\nX,2024-01-03,2,2,2,2,20\nX,2024-01-04,4,4,4,4,30\n"
    );
    let unknown = folder.wf(&["data", "export", "Y", "--to", "y.csv"]).ends(2).err;
    assert!(unknown.contains("there is no `Y` in `catalogue:"), "{unknown}");
    let none = folder.wf(&["data", "list", "--catalogue", "nowhere"]).ends(2).err;
    assert!(none.contains("there is no catalogue `nowhere`: `wf data import PATH` makes one"), "{none}");
}
