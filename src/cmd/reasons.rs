//! `greenlane reasons`: the closed list of what an event can give as a reason.

use super::Outcome;
use crate::event::ReasonCode;

/// List every reason that an event can give: what is measured, what is expected, and in which unit.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const HEAD: &str = "\
# Reasons

What an event gives as its reasons is this closed list; each reason carries the measured value, the range in which it would be
none, and the unit of both. `greenlane reasons` prints this page. None of it says what anybody may think or feel.

| reason | measured | expected | unit |
|---|---|---|---|
";

/// Prints the list.
///
/// # Errors
/// None.
pub fn run(args: &Args) -> Outcome {
    if args.json {
        let entry = |code: &ReasonCode| serde_json::json!({ "reason": code, "measured": code.meaning(), "expected": code.expected(), "unit": code.unit() });
        println!("{}", ReasonCode::ALL.iter().map(entry).collect::<serde_json::Value>());
        return Ok(());
    }
    print!("{HEAD}");
    for code in ReasonCode::ALL {
        let unit = match code.unit().symbol() {
            "" => "a number",
            symbol => symbol,
        };
        println!("| `{}` | {} | {} | {unit} |", code.name(), code.meaning(), code.expected());
    }
    Ok(())
}
