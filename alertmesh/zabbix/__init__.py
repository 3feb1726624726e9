"""Ask Zabbix servers what is open, and tell them what people did here."""
