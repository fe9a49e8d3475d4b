-- case: more than its work needs
-- expect: role loader@% high
-- expect: role helpdesk@% high
CREATE USER loader@`%` IDENTIFIED BY 'x-Y-1';
GRANT FILE ON *.* TO loader@`%`;
CREATE USER helpdesk@`%` IDENTIFIED BY 'x-Y-1';
GRANT CREATE USER ON *.* TO helpdesk@`%`;
-- innocent: a replica's account replicates
CREATE USER replica@`%` IDENTIFIED BY 'x-Y-1';
GRANT REPLICATION SLAVE ON *.* TO replica@`%`;
-- innocent: an account that dumps needs to write files
CREATE USER backup@localhost IDENTIFIED BY 'x-Y-1';
GRANT FILE, SELECT ON *.* TO backup@localhost;
