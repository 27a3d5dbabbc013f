/*
 * thermal.h - how hot the processor is, where Linux tells.
 */
#ifndef NN_COMMON_THERMAL_H
#define NN_COMMON_THERMAL_H

/* Degrees Celsius of the processor's sensor (hwmon's coretemp, k10temp, zenpower, cpu_thermal; else
 * the first thermal zone) below `sys`, usually "/sys"; NAN where there is none, as in most
 * virtual machines. Reads a file: not for every frame. */
double nn_thermal(const char *sys);

#endif
