# time: each line was asked of iptables 1.8.9, which took or refused it so
-m time --timestart 1:2 --timestop 23:59:59; -m time --timestart 01:02:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07; OK
-m time --weekdays Mo,2,Sun --monthdays 1,31; -m time --monthdays 1,31 --weekdays Mon,Tue,Sun --datestop 2038-01-19T03:14:07; OK
-m time ! --weekdays Mon ! --monthdays 5; -m time --monthdays 1,2,3,4,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 --weekdays Tue,Wed,Thu,Fri,Sat,Sun --datestop 2038-01-19T03:14:07; OK
-m time --datestart 2020-01-02 --datestop 2021-01-01T10:00 --utc; -m time --datestart 2020-01-02T00:00:00 --datestop 2021-01-01T10:00:00; OK
-m time --timestart 12:00 --timestop 10:00 --contiguous --localtz; -m time --timestart 12:00:00 --timestop 10:00:00 --datestop 2038-01-19T03:14:07 --kerneltz --contiguous; OK
-m time --datestop 2038-01-19T03:14:07; =; OK
-m time; -m time --datestop 2038-01-19T03:14:07; OK
-m time --timestart 25:00; time: invalid time "25:00" specified, should be hh:mm[:ss] format and within the boundaries; FAIL
-m time --weekdays Foo; time: Foo is not a valid day specifier; FAIL
-m time --contiguous; time: --contiguous only makes sense when stoptime is smaller than starttime; FAIL
-m time --datestart 2020; -m time --datestart 2020-01-01T00:00:00 --datestop 2038-01-19T03:14:07; OK
-m time --datestart 2020-02-30T10:00:00; -m time --datestart 2020-03-01T10:00:00 --datestop 2038-01-19T03:14:07; OK
-m time --timestop 10:00; -m time --timestart 00:00:00 --timestop 10:00:00 --datestop 2038-01-19T03:14:07; OK
-m time --timestart 00:00 --timestop 23:59:59; -m time --datestop 2038-01-19T03:14:07; OK
-m time --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun; -m time --datestop 2038-01-19T03:14:07; OK
-m time --weekdays 7,1 ! --monthdays 31; -m time --monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30 --weekdays Mon,Sun --datestop 2038-01-19T03:14:07; OK
-m time --datestart 2020-01-01T1:2:3; -m time --datestart 2020-01-01T01:02:03 --datestop 2038-01-19T03:14:07; OK
-m time --datestart 1969; time: Invalid date "1969" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]; FAIL
-m time --datestart 2039-01-01; time: Invalid date "2039-01-01" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]; FAIL
-m time --datestart 2020-13-01; time: Invalid date "2020-13-01" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]; FAIL
-m time --datestart 2020-01-01T24:00:00; time: Invalid date "2020-01-01T24:00:00" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]; FAIL
-m time --datestart 20-01-01; time: Invalid date "20-01-01" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]; FAIL
-m time --timestart 1:60; time: invalid time "1:60" specified, should be hh:mm[:ss] format and within the boundaries; FAIL
-m time --timestart 1; time: invalid time "1" specified, should be hh:mm[:ss] format and within the boundaries; FAIL
-m time --utc --kerneltz; time: option "--utc" cannot be used together with "--kerneltz".; FAIL
# does it fit, and why
? ; -m time --weekdays Mon; UNKNOWN what time it is was not told (--now)
? at=2026-11-20T13:00; -m time --kerneltz --weekdays Mon; UNKNOWN the kernel's time zone is not told
? at=2026-11-20T13:00; -m time --weekdays Mon; NO 2026-11-20T13:00:00 is not the time
? at=2026-11-20T13:00; -m time --weekdays Mon,Fri; YES 2026-11-20T13:00:00 is the time
? at=2026-11-22T13:00; -m time ! --weekdays Sun; NO 2026-11-22T13:00:00 is not the time
? at=2026-11-20T13:00; -m time --monthdays 20 --timestart 12:00 --timestop 13:00; YES 2026-11-20T13:00:00 is the time
? at=2026-11-20T13:00; -m time --timestart 13:01; NO 2026-11-20T13:00:00 is not the time
? at=2026-11-20T02:00; -m time --timestart 22:00 --timestop 06:00; YES 2026-11-20T02:00:00 is the time
? at=2026-11-20T12:00; -m time --timestart 22:00 --timestop 06:00; NO 2026-11-20T12:00:00 is not the time
? at=2026-11-20T02:00; -m time --timestart 22:00 --timestop 06:00 --weekdays Thu; NO 2026-11-20T02:00:00 is not the time
? at=2026-11-20T02:00; -m time --timestart 22:00 --timestop 06:00 --weekdays Thu --contiguous; YES 2026-11-20T02:00:00 is the time
? at=2026-11-20T02:00; -m time --datestart 2026-11-20T02:00 --datestop 2026-11-20T02:00; YES 2026-11-20T02:00:00 is the time
? at=2026-11-20T02:00; -m time --datestart 2026-11-20T02:01; NO 2026-11-20T02:00:00 is not the time
