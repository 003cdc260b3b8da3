// The objects of the module datetime, in the layout of CPython's public datetime.h, and the table of
// functions that C code imports as the capsule datetime.datetime_CAPI. Checked in layout_check.cpp.
#pragma once

#include "object/header.h"

extern "C" {
struct PyDateTime_Delta {
    PyObject ob_base;
    int64_t hashcode;  // -1: not computed
    int32_t days, seconds, microseconds;
};
struct PyDateTime_Date {
    PyObject ob_base;
    int64_t hashcode;
    char hastzinfo;
    unsigned char data[4];  // year (two bytes, high one first), month, day
};
struct PyDateTime_Time {
    PyObject ob_base;
    int64_t hashcode;
    char hastzinfo;
    unsigned char data[6];  // hour, minute, second, microsecond (three bytes)
    unsigned char fold;
    PyObject* tzinfo;  // owned; null where hastzinfo is 0
};
struct PyDateTime_DateTime {
    PyObject ob_base;
    int64_t hashcode;
    char hastzinfo;
    unsigned char data[10];  // those of a date, then those of a time
    unsigned char fold;
    PyObject* tzinfo;
};
struct PyDateTime_CAPI {
    PyTypeObject *DateType, *DateTimeType, *TimeType, *DeltaType, *TZInfoType;
    PyObject* TimeZone_UTC;
    PyObject* (*Date_FromDate)(int, int, int, PyTypeObject*);
    PyObject* (*DateTime_FromDateAndTime)(int, int, int, int, int, int, int, PyObject*, PyTypeObject*);
    PyObject* (*Time_FromTime)(int, int, int, int, PyObject*, PyTypeObject*);
    PyObject* (*Delta_FromDelta)(int, int, int, int, PyTypeObject*);
    PyObject* (*TimeZone_FromTimeZone)(PyObject*, PyObject*);
    PyObject* (*DateTime_FromTimestamp)(PyObject*, PyObject*, PyObject*);
    PyObject* (*Date_FromTimestamp)(PyObject*, PyObject*);
    PyObject* (*DateTime_FromDateAndTimeAndFold)(int, int, int, int, int, int, int, PyObject*, int,
                                                 PyTypeObject*);
    PyObject* (*Time_FromTimeAndFold)(int, int, int, int, PyObject*, int, PyTypeObject*);
};
}
