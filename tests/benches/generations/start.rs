//! A router that finds no database.

use crate::{
    clock::{median, most},
    fleet::{Fleet, Router},
    report::{Bound, Report},
};

const STARTS: usize = 5;
/// Nobody listens there.
const NO_DATABASE: &str = "postgres://nobody@127.0.0.1:9/none";

pub(crate) fn measure(fleet: Fleet, report: &mut Report) {
    let (port, mut folder) = fleet.end();
    let (mut answered, mut resident, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let router = Router::start(port, folder, NO_DATABASE);
        answered.push(router.first_answer_ms);
        resident.push(router.memory_mb("VmRSS"));
        cpu.push(router.cpu_ms());
        folder = router.stop();
    }
    let remark =
        format!("median of {STARTS}, most {:.2} s; CPU {:.0} ms", most(&answered) / 1e3, median(cpu));
    report.figure(
        "start from disk to the first answer",
        median(answered) / 1e3,
        "s",
        Bound::AtMost(2.0),
        &remark,
    );
    report.figure("resident after it", median(resident), "MB", Bound::AtMost(200.0), "");
}
