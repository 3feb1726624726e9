"""Configurations of Alertmanager, as people write them."""

SHOP = """\
global:
  resolve_timeout: 10m
  smtp_smarthost: mail.example.org:25
  smtp_from: am@example.org
templates:
  - /etc/alertmanager/*.tmpl
route:
  receiver: ops
  group_by: [alertname, cluster]
  group_wait: 10s
  group_interval: 2m
  repeat_interval: 3h
  routes:
    - receiver: audit
      continue: true
    - match:
        team: db
      match_re:
        severity: critical|page
      receiver: db-pager
      group_wait: 0s
      routes:
        - matchers: ['cluster="east"', env!~"dev|test"]
          receiver: db-east
    - matchers: [team=shop]
      receiver: shop chat
      mute_time_intervals: [nights]
    - matchers: [team="gone"]
      receiver: nobody-knows
receivers:
  - name: ops
    webhook_configs:
      - url: https://oapi.dingtalk.com/robot/send?access_token=abc
  - name: audit
    webhook_configs:
      - url: http://audit.example.org/in
        http_config:
          authorization: {credentials: tok}
          proxy_url: http://proxy:3128
  - name: db-pager
    pagerduty_configs:
      - routing_key: xyz
  - name: db-east
    webhook_configs:
      - url: http://bridge:8060/dingtalk/db/send
    email_configs:
      - to: db@example.org
  - name: shop chat
inhibit_rules:
  - source_match: {severity: critical}
    target_match_re: {severity: warning|info}
    equal: [cluster, alertname]
  - source_matchers: [alertname="NodeDown"]
    target_matchers: ['alertname=~"Pod.+"', team!="core"]
time_intervals:
  - name: nights
    time_intervals:
      - weekdays: ['monday:friday', sunday]
        times:
          - {start_time: '22:00', end_time: '24:00'}
          - {start_time: '00:00', end_time: '06:00'}
        location: Europe/Berlin
  - name: year-end
    time_intervals:
      - months: ['december']
"""

PLAIN = """\
route:
  receiver: robot
  routes:
    - matchers: [severity="info"]
      receiver: quiet
receivers:
  - name: robot
    webhook_configs:
      - url: https://oapi.dingtalk.com/robot/send?access_token=abc
  - name: quiet
"""
