//! How ratios are shown.

use store::{ReportCell, ReportRow, TrafficReport};
use times::RANGE_MAX_DAYS;
use traffic::{Column, Outcome, Question, Ratio, Source, Sums};

use crate::answer;

pub(super) struct Stats<'a> {
    pub(super) question: &'a Question,
    pub(super) report: &'a TrafficReport,
}

impl Stats<'_> {
    pub(super) fn print(&self) {
        println!("{}", self.heading());
        let columns = self.question.columns();
        let own = columns.iter().map(|column| column.word());
        let header: Vec<_> = own.chain(self.header().iter().copied()).collect();
        answer::table(&header, self.report.rows.iter().map(|row| self.cells(row)));
        for refusal in &self.report.refusals {
            let reason = if refusal.reason.is_empty() { "-" } else { &refusal.reason };
            println!(
                "never dialled: {} {} {} {reason} {}",
                refusal.node, refusal.verb, refusal.status, refusal.refusals
            );
        }
        for note in self.notes() {
            println!("{note}");
        }
    }

    fn heading(&self) -> String {
        let Question { period, per, kinds, zone, .. } = self.question;
        let kinds = kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        let (from, to) = (zone.minute(period.from_us), zone.minute(period.to_us));
        format!("{per}s from {from} to {to}, {}; kinds: {kinds}", zone.name())
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.question.period.capped {
            notes.push(format!("without an end it is {RANGE_MAX_DAYS} days at most: give --to for others"));
        }
        if self.report.cut {
            notes.push(format!("only the first {} rows", store::REPORT_ROWS_MAX));
        }
        if let Some(marked) = self.report.marked {
            let up_to = self.question.zone.minute(marked.from_us());
            notes.push(format!("complete up to {up_to}: from then on calls are still being summed up"));
        }
        notes
    }

    fn is_of_causes(&self) -> bool {
        self.question.source() == Ok(Source::Causes)
    }

    fn header(&self) -> &'static [&'static str] {
        if self.is_of_causes() {
            return &["attempts"];
        }
        &["total", "seizures", "answered", "ASR %", "NER %", "ACD", "PDD s", "talk", "unknown"]
    }

    fn cells(&self, row: &ReportRow) -> Vec<String> {
        let columns = self.question.columns();
        let mut cells: Vec<_> =
            columns.iter().zip(&row.cells).map(|(column, cell)| self.cell(*column, cell)).collect();
        if self.is_of_causes() {
            cells.push(row.sums.attempts().to_string());
        } else {
            cells.extend(numbers(&row.sums));
        }
        cells
    }

    fn cell(&self, column: Column, cell: &ReportCell) -> String {
        match (column, cell) {
            (_, ReportCell::Text(text)) => text.to_string(),
            (Column::Hour | Column::Day, ReportCell::Number(us)) => self.question.moment(column, *us),
            (Column::Provider, ReportCell::Number(0))
            | (Column::Cause | Column::Sip, ReportCell::Number(..0)) => String::new(),
            (Column::Provider, ReportCell::Number(id)) => match self.report.providers.get(id) {
                Some(name) => format!("{id} {name}"),
                None => id.to_string(),
            },
            (_, ReportCell::Number(number)) => number.to_string(),
        }
    }
}

/// Under the words of `Stats::header`.
fn numbers(sums: &Sums) -> [String; 9] {
    let percent = |ratio: Option<Ratio>| ratio.map_or_else(String::new, |ratio| ratio.to_string());
    [
        sums.attempts().to_string(),
        sums.seizures().to_string(),
        sums.answered().to_string(),
        percent(sums.asr()),
        percent(sums.ner()),
        sums.acd_us().map_or_else(String::new, minutes),
        sums.pdd_us().map_or_else(String::new, tenths),
        hours(sums.talk_us),
        sums.of_outcome(Outcome::Unknown).to_string(),
    ]
}

/// `3:05`
fn minutes(us: i64) -> String {
    let seconds = us / 1_000_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// `12:03:05`
fn hours(us: i64) -> String {
    let seconds = us / 1_000_000;
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `1.4`
fn tenths(us: i64) -> String {
    format!("{}.{}", us / 1_000_000, us / 100_000 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_as_people_read_them() {
        assert_eq!((minutes(185_999_999), minutes(0)), ("3:05".to_owned(), "0:00".to_owned()));
        assert_eq!((hours(43_385_000_000), hours(0)), ("12:03:05".to_owned(), "0:00:00".to_owned()));
        assert_eq!((tenths(1_499_999), tenths(90_000)), ("1.4".to_owned(), "0.0".to_owned()));
    }
}
