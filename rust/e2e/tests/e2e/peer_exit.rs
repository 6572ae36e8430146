//! The engine exits while a game still holds on to multiplayer peers.

use samovar_e2e::Scenario;

#[test]
fn peers_and_lambdas_on_their_signals_do_no_harm_at_exit() {
    let scenario = Scenario::new("peer_exit");
    let launch = scenario.launch("ann");
    let game = launch.scene("res://tests/games/peer_exit.gd").start();
    game.barrier();
    // Exit code 0, no crash, nothing about leaks or freed objects: `finish` checks it.
    game.finish();
}
