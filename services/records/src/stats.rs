//! Words into a question about ratios, and its answer as programs read it.

use domain::NodeName;
use serde_json::{Map, Value, json};
use store::{ReportCell, ReportRow, TrafficReport};
use traffic::{Column, Outcome, Per, Period, PeriodError, Question, QuestionError, Ratio, Source, Sums};

use crate::{
    AskError,
    ask::{Words, refused},
    parameters::STATS,
};

/// Reads a question from names and texts; `now_us` is what open ends and `24h` are counted from.
pub fn stats_question<'p>(
    pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    now_us: i64,
) -> Result<Question, AskError> {
    let words = Words::of(pairs, &[STATS])?;
    let zone = words.zone()?;
    let [from_us, to_us] = ["from", "to"].map(|name| words.instant(name, &zone, now_us));
    let per = words.word("per")?.unwrap_or(Per::Attempt);
    let mut kinds = words.words("kind")?;
    if kinds.is_empty() {
        kinds = per.kinds().to_vec();
    }
    let question = Question {
        period: Period::asked(from_us?, to_us?, now_us).map_err(of_period)?,
        per,
        by: words.words("by")?,
        kinds,
        node: words.word::<NodeName>("node")?.map(|node| node.as_str().into()),
        provider: words.provider("provider")?.map(|id| id.0),
        zone,
    };
    question.source().map_err(of_question)?;
    Ok(question)
}

fn of_period(error: PeriodError) -> AskError {
    let parameter = if error == PeriodError::TooOld { "from" } else { "to" };
    refused(parameter, error.to_string())
}

fn of_question(error: QuestionError) -> AskError {
    refused("by", error.to_string())
}

/// An answer, with the question it is of.
#[derive(Clone, Copy, Debug)]
pub struct StatsView<'a> {
    pub question: &'a Question,
    pub report: &'a TrafficReport,
}

impl StatsView<'_> {
    pub fn json(&self) -> Value {
        let Question { period, per, kinds, zone, .. } = self.question;
        let marked = self.report.marked.map(|quarter| zone.minute(quarter.from_us()));
        json!({
            "from": zone.minute(period.from_us),
            "to": zone.minute(period.to_us),
            "zone": zone.name(),
            "per": per.word(),
            "kinds": kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
            "capped": period.capped,
            "cut": self.report.cut,
            // null: all of it.
            "complete_to": marked,
            "rows": self.report.rows.iter().map(|row| self.row(row)).collect::<Vec<_>>(),
            "refusals": self.report.refusals.iter().map(|refusal| json!({
                "node": refusal.node,
                "verb": refusal.verb,
                "status": refusal.status,
                "reason": Some(&refusal.reason).filter(|reason| !reason.is_empty()),
                "refusals": refusal.refusals,
            })).collect::<Vec<_>>(),
        })
    }

    fn row(&self, row: &ReportRow) -> Map<String, Value> {
        let mut shown = Map::new();
        for (column, cell) in self.question.columns().into_iter().zip(&row.cells) {
            shown.insert(column.word().to_owned(), self.value(column, cell));
            if let (Column::Provider, ReportCell::Number(id)) = (column, cell) {
                shown.insert("provider_name".to_owned(), json!(self.report.providers.get(id)));
            }
        }
        shown.insert("attempts".to_owned(), json!(row.sums.attempts()));
        if self.question.source() != Ok(Source::Causes) {
            insert_sums(&row.sums, &mut shown);
        }
        shown
    }

    fn value(&self, column: Column, cell: &ReportCell) -> Value {
        match (column, cell) {
            (_, ReportCell::Text(text)) => json!(Some(text).filter(|text| !text.is_empty())),
            (Column::Hour | Column::Day, ReportCell::Number(us)) => json!(self.question.moment(column, *us)),
            (Column::Provider, ReportCell::Number(0)) | (_, ReportCell::Number(..0)) => Value::Null,
            (_, ReportCell::Number(number)) => json!(number),
        }
    }
}

fn insert_sums(sums: &Sums, shown: &mut Map<String, Value>) {
    let percent = |ratio: Option<Ratio>| ratio.map(|ratio| f64::from(ratio.hundredths()) / 100.0);
    let outcomes = Outcome::ALL.map(|outcome| (outcome.word().to_owned(), json!(sums.of_outcome(outcome))));
    let numbers = [
        ("seizures", json!(sums.seizures())),
        ("answered", json!(sums.answered())),
        ("effective", json!(sums.effective())),
        ("asr_percent", json!(percent(sums.asr()))),
        ("ner_percent", json!(percent(sums.ner()))),
        ("acd_us", json!(sums.acd_us())),
        ("pdd_us", json!(sums.pdd_us())),
        ("talk_us", json!(sums.talk_us)),
        ("talks", json!(sums.talks)),
        ("pdds", json!(sums.pdds)),
        ("outcomes", Value::Object(outcomes.into_iter().collect())),
    ];
    shown.extend(numbers.map(|(name, value)| (name.to_owned(), value)));
}
