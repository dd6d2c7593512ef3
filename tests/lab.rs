//! The laboratory left running for a person: nodes, carriers and the router, and a command that places a call.

use std::io::{self, BufRead};

use laboratory::{Run, asterisk::PLANS, person, stack, tables};

fn main() {
    let run = laboratory::enter();
    stack();
    person::write_script(&run);
    introduce(&run);
    // End of input stops it, and so does whatever ends this program.
    while io::stdin().lock().read_line(&mut String::new()).is_ok_and(|read| read > 0) {}
    run.remove();
}

fn introduce(run: &Run) {
    let call = person::command(run);
    println!("\nA call from a phone of each node; the first carrier answers 503, the second one rings:\n");
    for plan in PLANS {
        println!("{call} {} {}", plan.name, tables::AFTER_503.number(plan.name, 0));
    }
    println!("\nOther numbers, and the carriers they are offered to:\n");
    for journey in tables::JOURNEYS {
        println!("{}  {}", journey.number(PLANS[0].name, 0), journey.carriers.join(", then "));
    }
    println!("\nTwo stars before a number have the node ask over FastAGI.");
    println!("\nWhat the nodes, carriers and the router write: {}", run.folder.display());
    println!("Stop: Ctrl-C, or the end of this program's input.");
}
