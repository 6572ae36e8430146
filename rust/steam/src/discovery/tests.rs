use super::*;

#[tokio::test]
async fn without_lan_nothing_is_started_and_nothing_found() {
    let mut off = Discovery::start(false, 480).unwrap();
    let announcement = Announcement {
        app_id: 480,
        directory: 1,
        term: 1,
        key: [0; 32],
        protocol: 1,
        port: 1,
    };
    off.announce(&announcement);
    off.withdraw();
    assert!(
        tokio::time::timeout(Duration::from_millis(50), off.next())
            .await
            .is_err()
    );
    assert_eq!(off.known().count(), 0);
}
