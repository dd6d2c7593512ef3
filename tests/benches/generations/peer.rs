//! Kamailio's mtree with the same numbers from the same Postgres.

use laboratory::kamailio::Kamailio;

use crate::{
    clock::{cpu_ms, median, most, timed},
    report::{Bound, Report},
};

const RELOADS: usize = 3;

pub(crate) fn measure(url: &str, report: &mut Report) {
    let (kamailio, start) = timed(|| Kamailio::start(url));
    let first_mb = megabytes(&kamailio);
    let (mut reloads, mut cpu, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RELOADS {
        let before_ms = processor_ms(&kamailio);
        let ((), took) = timed(|| kamailio.reload());
        reloads.push(took.wall_ms);
        cpu.push(processor_ms(&kamailio) - before_ms);
        peaks.push(megabytes(&kamailio));
    }
    println!("{}", kamailio.summary());
    let what = "Kamailio's mtree: reload of 1,000,000 numbers";
    let (cpu_s, start_s) = (median(cpu) / 1e3, start.wall_ms / 1e3);
    let remark = format!("median of {RELOADS}; its CPU {cpu_s:.2} s; start to loaded {start_s:.2} s");
    report.figure(what, median(reloads) / 1e3, "s", Bound::None, &remark);
    let remark = format!("after the start {first_mb:.0} MB; the old tree stands until the new one is there");
    report.figure("Kamailio's mtree: resident after reloads", most(&peaks), "MB", Bound::None, &remark);
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52 kB")]
fn megabytes(kamailio: &Kamailio) -> f64 {
    kamailio.resident_kb() as f64 / 1024.0
}

fn processor_ms(kamailio: &Kamailio) -> f64 {
    kamailio.processes().iter().map(|process| cpu_ms(&process.to_string())).sum()
}
