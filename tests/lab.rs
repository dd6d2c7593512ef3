//! The laboratory left running for a person.

use laboratory::asterisk::{Node, PLANS};

fn main() {
    let run = laboratory::enter();
    let nodes: Vec<Node> = std::thread::scope(|scope| {
        let starting: Vec<_> = PLANS.map(|plan| scope.spawn(move || Node::start(plan))).into();
        starting.into_iter().map(|node| node.join().expect("node starts")).collect()
    });
    laboratory::carriers::start();
    for node in &nodes {
        println!("{} {}", node.plan.name, node.version);
    }
    println!("{} pid {}", run.folder.display(), std::process::id());
    let mut line = String::new();
    while std::io::stdin().read_line(&mut line).is_ok_and(|n| n > 0) {}
    run.remove();
}
