"""Words that stand in names of keys: those that programs write there, and those behind which people's names follow."""

from __future__ import annotations

ORDINARY = frozenset("""
    a account accounts ack action actions active activity all allowed analytics api app apps archive assets async at
    attempts attributes audit auth author authors avg backlog backup balance ban banned basket batch best bin binding
    block blocked board body bought bucket buckets by bytes cache cached campaign cart carts catalog categories category
    celery channel channels chat chats checkout claim claimed cleanup clicks client clients closed code codes comments
    common completed config confirm connected connection connections consumer consumers content contents control
    cookie cookies count counter counters country crawl created cron current cursor custom customer customers daily
    dashboard data date day db dead deadletter debounce default deferred delayed delete deleted deliveries delivery
    detail details dev device devices digest dirty disabled discount dlq done draft drafts due email emails enabled
    entries entry errors etag event events exec expirations expire expired expires expiry export failed failure
    failures favorite favorites feature features feed feeds fetch fields file files filter finished flag flags followers
    following for fragment friends from full games general geo get global graph group groups hash health heartbeat high
    history hits home host hosts hourly html id idempotency ids image images import in inbox index indexes info init
    instances inventory invoice invoices is item items job jobs json keys language last latency latest leader
    leaderboard leases level like likes limit limiter limits link links list lists live load locale location lock locked
    locks log login logins logout logs long low mail main map marker master match max media member members menu message
    messages meta metadata metric metrics migration min minutely mobile mode monthly mutex my name names new news next
    nodes nonce notification notifications notify number object objects offers offline offset old online open order
    orders otp out page pages paid paused payload payment payments pc pending permissions ping points pool popular
    position post posts preferences presence price prices prioritized priority private process processed processes
    processing prod product products profile profiles progress promo public published pubsub push query queue queued
    queues random rank ranking rate rating ratings read ready received recent recommendations records refresh
    registration relation remember render repeat replies reports repo request requests requeue reservation reset
    response result results retries retry review reviews role roles rooms route routes rows rules run running running
    sales scheduled schedule schema score scores search seen semaphore sent seq sequence server servers service session
    sessions set sets settings setup shard shared shop short sitemap size slots slow small sms sorted source stalled
    stage staging started starts stat state states static statistics stats status stock stop stopped storage store
    stream streams string sub subscribe subscribers subscriptions success summary sync system t table tag tags task
    tasks team temp template templates test throttle tickets time timeline timeout times timestamp tmp to today token
    tokens top topics total totals tracking trades transactions tree trending ttl type types unacked unique unread
    unverified update updated updates upload uploads url urls usage user users v value values verified verify version
    versions view views visited visitors visits votes wait waiting waitlist wallet warehouse web webhook webhooks
    weekly weights widgets win window wishlist with work worker workers write yearly yesterday zone zset
    premium gateway hot cold primary secondary replica node cluster region local remote internal external admin guest
    bull bullmq sidekiq resque rq asynq kombu laravel django rails spring magento wordpress wp drupal symfony horizon
    springframework org com net io app http https get post put patch head utc en de fr es us gb
    undefined null none nan
""".split())  # fmt: skip
"""Words that a program writes: where few of them stand at a place they are part of the names, not of the data."""

BROKEN = frozenset({"undefined", "null", "none", "nan", "NaN", "None", "NULL", "Undefined"})
"""What a program writes where it has no value."""

NAMED = frozenset("""
    account accounts acct apikey auth author authorization authors basket buyer by cart carts channel channels chat
    client clients code company contact csrf customer customers device devices digest email emails family feed
    follower followers following follows friend friends from group groups guest hash host hosts inbox ip jwt key
    login logins mail member members name nick nickname nonce org organisation organization otp owner password
    person phone player players principal profile profiles recipient room rooms secret seller sender sess session
    sessions sid student subscriber team teams tenant tenants timeline to tok token tokens u uid user userid
    userinfo username users usr vendor visitor wallet whoami wishlist
""".split())  # fmt: skip
"""Words after which names of people, of their things and of secrets follow, however few of them there are."""
