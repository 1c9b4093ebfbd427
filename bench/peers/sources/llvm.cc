// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Refers to enough of LLVM that its closure over LLVM's archives is a program of fifty megabytes, and does a little
// with it. What runs depends on no static constructor: some of the linkers that are compared run none.
#include <llvm-c/LLJIT.h>
#include <llvm-c/Target.h>
#include <llvm/ADT/APInt.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Triple.h>

namespace {

void optimise(llvm::Module& module) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

void refer_to_the_rest() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();
  LLVMInitializeX86Disassembler();
  LLVMInitializeAArch64TargetInfo();
  LLVMInitializeAArch64Target();
  LLVMInitializeAArch64TargetMC();
  LLVMInitializeAArch64AsmPrinter();
  LLVMInitializeAArch64AsmParser();
  LLVMInitializeARMTargetInfo();
  LLVMInitializeARMTarget();
  LLVMInitializeARMTargetMC();
  LLVMInitializeARMAsmPrinter();
  LLVMInitializeARMAsmParser();
  LLVMInitializePowerPCTargetInfo();
  LLVMInitializePowerPCTarget();
  LLVMInitializePowerPCTargetMC();
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTarget();
  LLVMInitializeRISCVTargetMC();
  llvm::LLVMContext context;
  llvm::Module module("bench", context);
  llvm::IRBuilder<> builder(context);
  optimise(module);
  module.print(llvm::outs(), nullptr);
  LLVMOrcLLJITRef jit = nullptr;
  LLVMOrcCreateLLJIT(&jit, nullptr);
}

}  // namespace

extern "C" long llvm_entry(long n) {
  if (n < 0) refer_to_the_rest();
  llvm::APInt product(256, 1);
  for (long i = 1; i <= n; ++i) product *= llvm::APInt(256, static_cast<std::uint64_t>(1000 * i + 7));
  llvm::SmallString<96> digits;
  product.toStringUnsigned(digits);
  const std::string triple = llvm::Triple::normalize("x86_64-linux-gnu");
  const std::string name = llvm::demangle("_ZN4llvm5APInt11udivremWordEmRS0_Rm");
  return static_cast<long>(digits.size() + 100 * triple.size() + 10'000 * name.size());
}
